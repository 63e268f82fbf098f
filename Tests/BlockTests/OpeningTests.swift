#if Block
    import CLinux
    import Linux
    import Tender
    import Testing

    @Suite struct OpeningTests {
        let scratch: Scratch

        init() throws {
            scratch = try Scratch()
        }

        @Test(arguments: ["block", "block-ro"])
        func refusesWhatIsNotThere(_ option: String) throws {
            for path in ["\(scratch.directory)/none", ""] {
                let error = refusal(["\(option):disk": path])
                #expect(
                    error?.text
                        == "Could not open block device: \(path): No such file or directory")
            }
            // Nor is it created.
            #expect(rmdir(scratch.directory) == 0)
        }

        /// It would wait for somebody at the other end.
        @Test(arguments: ["block", "block-ro"])
        func refusesFIFO(_ option: String) {
            let path = scratch.path("fifo")
            #expect(mkfifo(path, 0o600) == 0)
            let error = refusal(["\(option):disk": path])
            #expect(error?.text == "Could not open block device: \(path): Block device required")
        }

        @Test(arguments: [
            ("block", "Is a directory"), ("block-ro", "Block device required"),
        ])
        func refusesDirectory(_ option: String, _ cause: String) {
            let error = refusal(["\(option):disk": scratch.directory])
            #expect(error?.text == "Could not open block device: \(scratch.directory): \(cause)")
            #expect(error?.hint == "only regular files and block devices can back a disk")
        }

        @Test(
            "attack 23: devices as disks", arguments: ["/dev/null", "/dev/zero", "/dev/full"],
            ["block", "block-ro"])
        func refusesCharacterDevice(_ path: String, _ option: String) {
            let error = refusal(["\(option):disk": path])
            #expect(error?.text == "Could not open block device: \(path): Block device required")
        }

        // For other users; as root the kernel opens the file, and there is nothing to refuse.
        @Test(.enabled(if: geteuid() != 0, "root can write to any file"))
        func refusesToWriteToAReadOnlyFile() throws {
            let path = try scratch.file(size: 512)
            chmod(path, 0o400)
            let error = refusal(["block:disk": path])
            #expect(error?.text == "Could not open block device: \(path): Permission denied")
            #expect(error?.hint?.contains("--block-ro") == true)
            #expect(refusal(["block-ro:disk": path]) == nil)
        }

        // The other side of the same: for root.
        @Test(.enabled(if: geteuid() == 0, "others may not write to it even when it rests"))
        func refusesToWriteToARunningProgram() {
            let error = refusal(["block:disk": "/proc/self/exe"])
            #expect(error?.text == "Could not open block device: /proc/self/exe: Text file busy")
            #expect(error?.hint?.contains("--block-ro") == true)
        }

        @Test func closesOnExecAndWhenTheLaunchIsOver() throws {
            let path = try scratch.file(size: 512)
            do {
                let guest = try Guest(["block:disk": path])
                let numbers = try descriptors(of: path)
                #expect(numbers.count == 1)
                for number in numbers {
                    #expect(linux_fcntl(number, F_GETFD, 0) == FD_CLOEXEC)
                }
                #expect(try guest.read() == 0)
            }
            #expect(try descriptors(of: path).isEmpty)
        }

        @Test(arguments: [("block", false), ("block-sync", true)])
        func whetherWritesWaitForTheDevice(_ option: String, _ expected: Bool) throws {
            let path = try scratch.file(size: 512)
            let guest = try Guest(["\(option):disk": path])
            let number = try #require(try descriptors(of: path).first)
            #expect((linux_fcntl(number, F_GETFL, 0) & O_DSYNC == O_DSYNC) == expected)
            #expect(try guest.write() == 0)
        }

        private func descriptors(of path: String) throws -> [Int32] {
            let file = try FileDescriptor.open(path, O_RDONLY)
            var (wanted, found) = (stat(), stat())
            // fstat fills in the struct that it is handed.
            try #require(fstat(file.number, &wanted) == 0)
            return (0..<1024).filter {
                $0 != file.number && fstat($0, &found) == 0
                    && found.st_ino == wanted.st_ino && found.st_dev == wanted.st_dev
            }
        }
    }

    @Suite struct LockTests {
        let scratch: Scratch
        let path: String

        init() throws {
            scratch = try Scratch()
            path = try scratch.file(size: 512)
        }

        @Test(arguments: [
            ("block", "block"), ("block", "block-ro"), ("block-ro", "block"),
            ("block-sync", "block"), ("block-ro", "block-sync"),
        ])
        func whatIsWrittenToIsNotShared(_ first: String, _ second: String) throws {
            let guest = try Guest(["\(first):disk": path])
            let error = refusal(["\(second):disk": path])
            #expect(
                error?.text
                    == "\(path) is in use by another process: Resource temporarily unavailable")
            #expect(error?.hint?.contains("--block-ro") == true)
            #expect(try guest.read() == 0)
        }

        @Test func readersShare() throws {
            let first = try Guest(["block-ro:disk": path])
            let second = try Guest(["block-ro:disk": path])
            #expect(try first.read() == 0)
            #expect(try second.read() == 0)
        }

        @Test("attack 23: one file twice") func twoDisksOfOneGuestAreNotTheSameFile() {
            let devices = ["a", "b"].map { ManifestEntry(name: $0, type: .block) }
            #expect(refusal(["block:a": path, "block:b": path], devices: devices) != nil)
            #expect(refusal(["block-ro:a": path, "block-ro:b": path], devices: devices) == nil)
        }

        @Test func theLockOutlivesOtherOpenings() throws {
            let guest = try Guest(["block:disk": path])
            _ = try contents(of: path)
            #expect(refusal(["block:disk": path]) != nil)
            #expect(try guest.read() == 0)
        }

        @Test func theLockEndsWithTheLaunch() throws {
            _ = try Guest(["block:disk": path])
            #expect(soon { refusal(["block:disk": path]) == nil })
        }
    }
#endif
