#if Block
    import ABI
    import CLinux
    import Linux
    import Testing

    /// Block devices, as opposed to files.
    // Skipped, and said to be, where this user can make none; CI is root, and runs them.
    @Suite(.enabled(if: LoopDevice.canBeMade, "making loop devices takes rights"))
    struct BlockDeviceTests {
        let scratch: Scratch
        let device: LoopDevice

        init() throws {
            scratch = try Scratch()
            device = try LoopDevice(on: scratch.file(size: 65536))
        }

        @Test func readsAndWrites() throws {
            let guest = try Guest(["block:disk": device.path])
            #expect(guest.launch.devices[1].capacity == 65536)
            #expect(try guest.read(.init(offset: 512)) == HVT_RESULT_OK)
            #expect(try guest.bytes(3) == [10, 11, 12])
            try guest.fill([7, 7, 7])
            #expect(try guest.write(.init(offset: 65024)) == HVT_RESULT_OK)
            #expect(try contents(of: device.path)[65024...].prefix(3) == [7, 7, 7])
            #expect(try guest.read(.init(offset: 65024, count: 513)) == HVT_RESULT_INVALID)
        }

        @Test func isLockedLikeAFile() throws {
            let guest = try Guest(["block:disk": device.path])
            let error = refusal(["block-ro:disk": device.path])
            #expect(error?.text.hasPrefix("\(device.path) is in use by another process") == true)
            #expect(try guest.read() == HVT_RESULT_OK)
        }
    }

    /// A block device that is a file underneath.
    final class LoopDevice {
        let path: String

        static let canBeMade: Bool = {
            guard let scratch = try? Scratch(), let file = try? scratch.file(size: 512) else {
                return false
            }
            return (try? LoopDevice(on: file)) != nil
        }()

        init(on file: String) throws {
            let output = popen("losetup --find --show \(file) 2>/dev/null", "r")
            var line = [CChar](repeating: 0, count: 64)
            let isRead = fgets(&line, 64, output) != nil
            guard pclose(output) == 0, isRead else { throw Errno(EPERM) }
            let name = line.prefix { $0 != 0x0A }.map { UInt8(bitPattern: $0) }
            path = String(decoding: name, as: UTF8.self)
        }

        deinit {
            _ = system("losetup --detach \(path)")
        }
    }
#endif
