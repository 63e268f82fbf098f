#if Block
    import ABI
    import CLinux
    import Linux
    import Tender
    import Testing

    /// Block devices of the host: who else has them, and what they can't do.
    // Skipped, and said to be, where this user can make no loop device; CI is root, and runs them.
    @Suite(.enabled(if: HostLoop.lack == nil, "\(HostLoop.lack ?? "")"))
    struct HostDeviceTests {
        let scratch: Scratch
        let file: String

        init() throws {
            scratch = try Scratch()
            file = try scratch.file(size: 1 << 20)
        }

        @Test(
            "attack 23: one device under two names, one of which is written to",
            arguments: [
                ("block", "block"), ("block", "block-ro"), ("block-sync", "block-sync"),
                ("block-ro", "block"), ("block-ro", "block-sync"),
            ])
        func twoNames(_ first: String, _ second: String) throws {
            let device = try HostLoop(on: file)
            let other = scratch.path("other")
            try #require(device.makeNode(other))
            let guest = try Guest(["\(first):disk": device.path])
            for path in [device.path, other] {
                let error = refusal(["\(second):disk": path])
                #expect(error?.text.hasPrefix("\(path) is in use by another process") == true)
                #expect(error?.hint != nil)
            }
            #expect(try guest.read() == 0)
            #expect(try guest.write() == (first == "block-ro" ? HVT_RESULT_INVALID : 0))
        }

        @Test func readersShareADevice() throws {
            let device = try HostLoop(on: file)
            let other = scratch.path("other")
            try #require(device.makeNode(other))
            let first = try Guest(["block-ro:disk": device.path])
            let second = try Guest(["block-ro:disk": other])
            #expect(try first.read() == 0)
            #expect(try second.read() == 0)
        }

        /// As the host does with what it mounts (bd_claim).
        @Test(arguments: ["block", "block-ro", "block-sync"])
        func whatTheHostHasClaimed(_ option: String) throws {
            let device = try HostLoop(on: file)
            let claim = try FileDescriptor.open(device.path, O_RDONLY | O_EXCL)
            try withExtendedLifetime(claim.number) {
                let error = refusal(["\(option):disk": device.path])
                #expect(error?.text.contains("is in use by another process or the host") == true)
                #expect(error?.hint == "--block-shared:disk attaches it all the same")
                let guest = try Guest(["\(option):disk": device.path, "block-shared:disk": ""])
                #expect(try guest.read() == 0)
                #expect(linux_fcntl(claim.number, F_GETFD, 0) == FD_CLOEXEC)
            }
        }

        @Test func oneOnPurpose() throws {
            let device = try HostLoop(on: file)
            let other = scratch.path("other")
            try #require(device.makeNode(other))
            let first = try Guest(["block:disk": device.path])
            // In any order, and for this device only.
            let second = try Guest(["block-shared:disk": "", "block:disk": other])
            #expect(try first.write() == 0)
            #expect(try second.read() == 0)
            #expect(try second.bytes(512) == [UInt8](repeating: 0, count: 512))
            let devices = ["a", "b"].map { ManifestEntry(name: $0, type: .block) }
            #expect(
                refusal(
                    ["block-shared:a": "", "block:a": device.path, "block:b": other],
                    devices: devices) != nil)
        }

        @Test(arguments: ["block", "block-sync"])
        func whatIsReadOnlyByItself(_ option: String) throws {
            let device = try HostLoop(on: file, isReadOnly: true)
            let error = refusal(["\(option):disk": device.path])
            let cause = error?.text ?? ""
            #expect(cause.hasPrefix("Could not open block device: \(device.path): "))
            #expect(error?.hint == "--block-ro attaches what can't be written to")
            #expect(try Guest(["block-ro:disk": device.path]).read() == 0)
        }

        @Test(arguments: ["block", "block-ro"])
        func largerSectorsThanTheGuests(_ option: String) throws {
            let device = try HostLoop(on: file, sectorSize: 4096)
            let error = refusal(["\(option):disk": device.path])
            #expect(
                error?.text
                    == "disk: the host's device has sectors of 4096 bytes, and the guest's disk of 512"
            )
            #expect(error?.hint == "--block-sector-size:disk=4096")
            let guest = try Guest(["\(option):disk": device.path, "block-sector-size:disk": "4096"])
            #expect(try guest.read(Guest.Request(count: 4096)) == 0)
        }

        @Test func aSizeThatIsNotAMultiple() throws {
            let device = try HostLoop(on: scratch.file("odd", size: 3 * 512))
            #expect(try Guest(["block:disk": device.path]).read() == 0)
            let error = refusal(["block:disk": device.path, "block-sector-size:disk": "1024"])
            #expect(error?.text == "disk: Backing storage size must be block aligned (1024 bytes)")
        }
    }

    @Suite struct SharedFileTests {
        @Test func aFileThatIsSharedOnPurposeIsNotLocked() throws {
            let scratch = try Scratch()
            let path = try scratch.file(size: 512)
            let first = try Guest(["block:disk": path])
            let second = try Guest(["block:disk": path, "block-shared:disk": ""])
            #expect(try first.write() == 0)
            #expect(try second.read() == 0)
        }

        @Test func aDiskThatIsNotThere() throws {
            #expect(refusal(["block-shared:none": ""])?.text.contains("not declared") == true)
        }
    }
#endif
