#if Block
    import ABI
    import CLinux
    import Linux
    import Testing

    /// Block devices, as opposed to files.
    // Skipped, and said to be, where this user can make none; CI is root, and runs them.
    @Suite(.enabled(if: HostLoop.lack == nil, "\(HostLoop.lack ?? "")"))
    struct BlockDeviceTests {
        let scratch: Scratch
        let device: HostLoop

        init() throws {
            scratch = try Scratch()
            device = try HostLoop(on: scratch.file(size: 65536))
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
#endif
