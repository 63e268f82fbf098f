#if Uhyve
    import CLinux
    import Linux
    import Synchronization
    import Testing

    @testable import GuestFiles
    @testable import Uhyve

    /// Single files, what is no file, and read-only mappings.
    @Suite struct PlaceTests {
        let sandbox: Sandbox

        init() throws {
            sandbox = try Sandbox()
            try sandbox.write("inside", to: "inside/file")
        }

        // MARK: Single files

        @Test func aFileIsAllThatItsMappingShows() throws {
            try sandbox.write("sibling", to: "inside/sibling")
            let guest = try FileGuest(["\(sandbox.inside)/file:/data/name"])
            #expect(try guest.contents("/data/name") == "inside")
            for path in ["/data/sibling", "/data/file", "/data/name/../sibling", "/data/name/.."] {
                #expect(guest.open(path) == (path == "/data/name/.." ? -EINVAL : -ENOENT))
            }
            for path in ["/data/name/x", "/data/name/sibling"] {
                #expect(guest.open(path) == -ENOTDIR)
                #expect(guest.open(path, Flag.write | Flag.create) == -ENOTDIR)
                #expect(guest.unlink(path) == -ENOTDIR)
                #expect(guest.makeDirectory(path) == -ENOTDIR)
                #expect(guest.status(path) == -ENOTDIR)
            }
            #expect(guest.makeDirectory("/data/name") == -EEXIST)
            #expect(guest.open("/data/name", Flag.directory) == -ENOTDIR)
        }

        @Test func aFileCanGoAndComeBackUnderItsName() throws {
            let guest = try FileGuest(["\(sandbox.inside)/file:/data/name"])
            #expect(guest.unlink("/data/name") == 0)
            #expect(!sandbox.exists("inside/file"))
            #expect(guest.open("/data/name") == -ENOENT)
            #expect(guest.unlink("/data/name") == -ENOENT)
            #expect(try guest.names("/data").isEmpty)
            #expect(guest.open("/data/name", Flag.write | Flag.create) == 3)
            #expect(sandbox.exists("inside/file"))
            #expect(try guest.names("/data") == ["name"])
        }

        @Test func aFileToBeCreated() throws {
            let guest = try FileGuest(["\(sandbox.inside)/new:/data/name"])
            #expect(guest.open("/data/name") == -ENOENT)
            #expect(!sandbox.exists("inside/new"))
            #expect(guest.open("/data/name", Flag.write | Flag.create) == 3)
            #expect(try guest.write(3, "made") == 4)
            #expect(try sandbox.read("inside/new") == "made")
        }

        @Test func aFileThatBecomesALink() throws {
            let guest = try FileGuest(["\(sandbox.inside)/file:/data/name"])
            try sandbox.write("sibling", to: "inside/sibling")
            for target in ["../outside/file", "sibling", sandbox.outside] {
                unlink(sandbox.path("inside/file"))
                try sandbox.link("inside/file", to: target)
                #expect(guest.open("/data/name") == -ELOOP)
                #expect(guest.open("/data/name", Flag.write | Flag.create) == -ELOOP)
                #expect(guest.status("/data/name") == -ELOOP)
            }
            #expect(try sandbox.isIntact)
        }

        @Test func aFileThatBecomesADirectory() throws {
            let guest = try FileGuest(["\(sandbox.inside)/file:/data/name"])
            unlink(sandbox.path("inside/file"))
            try sandbox.makeDirectory("inside/file")
            try sandbox.write("below", to: "inside/file/below")
            #expect(guest.open("/data/name/below") == -ENOTDIR)
            #expect(guest.unlink("/data/name") == -EISDIR)
        }

        /// It is the directory of the beginning that counts, whatever has its name now.
        @Test func theDirectoryOfAFileIsReplaced() throws {
            let guest = try FileGuest(["\(sandbox.inside)/file:/data/name"])
            try must(rename(sandbox.inside, sandbox.path("moved")))
            try sandbox.link("inside", to: sandbox.outside)
            #expect(try guest.contents("/data/name") == "inside")
            #expect(guest.unlink("/data/name") == 0)
            #expect(guest.open("/data/name", Flag.write | Flag.create) == 3)
            #expect(sandbox.exists("moved/file"))
            #expect(try sandbox.isIntact)
        }

        @Test func aMappedDirectoryIsReplaced() throws {
            let guest = try FileGuest(["\(sandbox.inside):/data"])
            try must(rename(sandbox.inside, sandbox.path("moved")))
            try sandbox.link("inside", to: sandbox.outside)
            #expect(try guest.contents("/data/file") == "inside")
            #expect(guest.unlink("/data/file") == 0)
            #expect(guest.open("/data/new", Flag.write | Flag.create) == 3)
            #expect(try sandbox.listing("moved") == ["new"])
            #expect(try sandbox.isIntact)
        }

        @Test func theOperatorsOwnLinksAreFollowed() throws {
            try sandbox.link("to-file", to: "inside/file")
            try sandbox.link("to-directory", to: sandbox.inside)
            let guest = try FileGuest([
                "\(sandbox.path("to-file")):/one/file", "\(sandbox.path("to-directory")):/two",
            ])
            #expect(try guest.contents("/one/file") == "inside")
            #expect(try guest.contents("/two/file") == "inside")
            #expect(guest.unlink("/one/file") == 0)
            #expect(!sandbox.exists("inside/file"))
        }

        // MARK: What is no file

        @Test func neitherFIFOsNorSocketsNorDevices() throws {
            try sandbox.makeFIFO("inside/fifo")
            try must(mknod("\(sandbox.inside)/socket", 0o140666, 0))
            var names = ["fifo", "socket"]
            // The null device; not everybody may make one.
            if mknod("\(sandbox.inside)/null", 0o20666, 0x103) == 0 { names.append("null") }
            let guest = try FileGuest(["\(sandbox.inside):/root"])
            for name in names {
                for flags in [
                    Flag.read, Flag.write, Flag.readWrite, Flag.write | Flag.create,
                    Flag.write | Flag.append | Flag.truncate,
                ] {
                    #expect(guest.open("/root/\(name)", flags) == -EACCES, "\(name) \(flags)")
                }
                let exclusive = Flag.write | Flag.create | Flag.exclusive
                #expect(guest.open("/root/\(name)", exclusive) == -EEXIST)
                #expect(guest.status("/root/\(name)") == 0)
                // Nor can one be mapped.
                let error = refusal(["\(sandbox.inside)/\(name):/root/x"])
                #expect(error?.text.hasSuffix(": neither a directory nor a regular file") == true)
            }
            #expect(guest.open("/root/file") == 3)
        }

        /// Whoever waits to write into a FIFO must not take the guest for a reader.
        @Test func aFIFOIsNotEvenTouched() throws {
            try sandbox.makeFIFO("inside/fifo")
            let path = "\(sandbox.inside)/fifo"
            let guest = try FileGuest(["\(sandbox.inside):/root"])
            let writer = Writer()
            let companion = try Companion(repeats: false) { writer.open(path) }
            while !writer.isWaiting { usleep(1000) }
            for flags in [Flag.read, Flag.readWrite, Flag.read | Flag.create] {
                #expect(guest.open("/root/fifo", flags) == -EACCES)
            }
            usleep(100_000)
            #expect(!writer.isOpen)
            // Lets it go.
            let reader = try FileDescriptor.open(path, O_RDONLY | O_NONBLOCK)
            companion.join()
            #expect(writer.isOpen)
            _ = consume reader
        }

        /// Waits in open(2) for somebody to read.
        private final class Writer: Sendable {
            private let began = Atomic(false)
            private let ended = Atomic(false)
            private let thread = Atomic<Int32>(0)

            func open(_ path: String) {
                thread.store(gettid(), ordering: .relaxed)
                began.store(true, ordering: .releasing)
                close(linux_open(path, O_WRONLY | O_CLOEXEC, 0))
                ended.store(true, ordering: .releasing)
            }

            var isOpen: Bool { ended.load(ordering: .acquiring) }

            /// As the kernel says: 'S' is for asleep.
            var isWaiting: Bool {
                guard began.load(ordering: .acquiring) else { return false }
                let path = "/proc/self/task/\(thread.load(ordering: .relaxed))/stat"
                guard let file = try? FileDescriptor.open(path, O_RDONLY),
                    let bytes = try? file.read(at: 0, count: 256)
                else { return false }
                return String(decoding: bytes, as: UTF8.self).contains(") S ")
            }
        }

        // MARK: Read-only

        @Test("attack 07: Hermit: writes to read-only files", arguments: ["", "/file"])
        func readOnlyMeansAllOfIt(_ name: String) throws {
            let guest = try FileGuest(["\(sandbox.inside)\(name):/data/x:ro"])
            let file = name.isEmpty ? "/data/x/file" : "/data/x"
            for flags in [
                Flag.write, Flag.readWrite, Flag.create, Flag.truncate, Flag.write | Flag.append,
                Flag.create | Flag.exclusive, Flag.readWrite | Flag.truncate,
            ] {
                #expect(guest.open(file, flags) == -EROFS)
            }
            #expect(guest.unlink(file) == -EROFS)
            #expect(guest.open(file, Flag.append) == 3)
            #expect(try guest.read(3).result == 6)
            #expect(try guest.write(3, "x") == Int64(-EBADF))
            guard case .host(let open) = try guest.files.table.file(3) else {
                Issue.record("no file of the host's")
                return
            }
            let status = linux_fcntl(open.descriptor.number, F_GETFL, 0)
            #expect(status & O_ACCMODE == O_RDONLY)
            #expect(linux_fcntl(open.descriptor.number, F_GETFD, 0) == FD_CLOEXEC)
            #expect(try sandbox.read("inside/file") == "inside")
        }

        @Test func aReadOnlyDirectoryDoesNotChange() throws {
            let guest = try FileGuest(["\(sandbox.inside):/data:ro"])
            #expect(guest.open("/data/new", Flag.write | Flag.create) == -EROFS)
            #expect(guest.makeDirectory("/data/new") == -EROFS)
            #expect(guest.makeDirectory("/data") == -EEXIST)
            #expect(guest.unlink("/data/none") == -EROFS)
            #expect(try guest.names("/data").sorted() == [".", "..", "file"])
            #expect(try sandbox.listing("inside") == ["file"])
        }
    }
#endif
