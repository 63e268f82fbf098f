#if Block
    import ABI
    import CLinux
    import Linux
    import Tender
    import Testing

    /// The guest hears of what goes wrong on the host, and lives.
    @Suite struct HostFailureTests {
        let scratch: Scratch

        init() throws {
            scratch = try Scratch()
        }

        @Test func aFileThatShrank() throws {
            let path = try scratch.file(size: 4096)
            let guest = try Guest(["block:disk": path])
            #expect(truncate(path, 1000) == 0)
            // Ends in the midst of the request, or before it.
            #expect(try guest.read(.init(offset: 512)) == HVT_RESULT_UNSPECIFIED)
            #expect(try guest.read(.init(offset: 2048)) == HVT_RESULT_UNSPECIFIED)
            #expect(try guest.read(.init(offset: 0)) == HVT_RESULT_OK)
            // Writing makes the file whole again.
            #expect(try guest.write(.init(offset: 3584)) == HVT_RESULT_OK)
            #expect(try guest.read(.init(offset: 2048)) == HVT_RESULT_OK)
        }

        @Test func aFileThatGrewStaysAsLargeAsItWas() throws {
            let path = try scratch.file(size: 4096)
            let guest = try Guest(["block:disk": path])
            #expect(truncate(path, 8192) == 0)
            #expect(try guest.read(.init(offset: 4096)) == HVT_RESULT_INVALID)
        }

        @Test func aFileThatNoLongerTakesWrites() throws {
            let file = try FileDescriptor(owning: memfd_create("disk", UInt32(MFD_ALLOW_SEALING)))
            #expect(ftruncate(file.number, 4096) == 0)
            let guest = try Guest(["block:disk": "/proc/self/fd/\(file.number)"])
            #expect(try guest.write() == HVT_RESULT_OK)
            #expect(linux_fcntl(file.number, F_ADD_SEALS, Int(F_SEAL_WRITE)) == 0)
            #expect(try guest.write() == HVT_RESULT_UNSPECIFIED)
            #expect(try guest.read() == HVT_RESULT_OK)
        }

        // Skipped, and said to be, where this user may not mount; CI is root, and runs it.
        @Test(.enabled(if: SmallFileSystem.canBeMade, "mounting a file system takes rights"))
        func aFullDisk() throws {
            let fileSystem = try SmallFileSystem(at: scratch.directory)
            defer { fileSystem.unmount() }
            // Sparse: larger than the room there is.
            let path = try scratch.file(size: 0)
            #expect(truncate(path, 65536) == 0)
            let guest = try Guest(["block:disk": path])
            try guest.fill([UInt8](repeating: 7, count: 65536))
            // Part of it fits: that is no success either.
            #expect(try guest.write(.init(count: 65536)) == HVT_RESULT_UNSPECIFIED)
            #expect(try guest.write(.init(offset: 61440, count: 4096)) == HVT_RESULT_UNSPECIFIED)
            // What is there can still be used.
            #expect(try guest.write(.init(count: 4096)) == HVT_RESULT_OK)
            #expect(try guest.read(.init(count: 65536)) == HVT_RESULT_OK)
        }
    }

    /// A file system with room for 16 KiB.
    private struct SmallFileSystem {
        private let directory: String

        static let canBeMade: Bool = {
            guard let scratch = try? Scratch(),
                let fileSystem = try? SmallFileSystem(at: scratch.directory)
            else { return false }
            fileSystem.unmount()
            return true
        }()

        init(at directory: String) throws(Errno) {
            self.directory = directory
            let command = "mount -t tmpfs -o size=16k pinnace-test \(directory) 2>/dev/null"
            guard system(command) == 0 else { throw Errno(EPERM) }
        }

        func unmount() {
            // Its files may still be open.
            _ = system("umount --lazy \(directory)")
        }
    }
#endif
