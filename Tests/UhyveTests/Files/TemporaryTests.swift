#if Uhyve
    import CLinux
    import Linux
    import Tender
    import Testing

    @testable import GuestFiles
    @testable import Uhyve

    /// What the guest makes where nothing is mapped.
    @Suite struct TemporaryTests {
        let sandbox: Sandbox
        let guest: FileGuest

        init() throws {
            sandbox = try Sandbox()
            try sandbox.makeDirectory("tmp")
            try sandbox.write("inside", to: "inside/file")
            guest = try FileGuest(
                ["\(sandbox.inside):/root"], temporaryParent: sandbox.path("tmp"))
        }

        /// The directory's path below the sandbox.
        private var temporary: String {
            get throws { "tmp/\(try #require(try sandbox.listing("tmp").first))" }
        }

        private func mode(_ name: String) throws -> UInt32 {
            var status = stat()
            try must(lstat(sandbox.path(name), &status))
            return status.st_mode
        }

        @Test func itIsPrivate() throws {
            #expect(try mode(temporary) == 0o040700)
            #expect(try temporary.split(separator: "/")[1].count == "pinnace-".count + 16)
            let other = try FileGuest([], temporaryParent: sandbox.path("tmp"))
            #expect(try sandbox.listing("tmp").count == 2)
            #expect(other.files.removeTemporaryDirectory() == nil)
            #expect(try sandbox.listing("tmp").count == 1)
        }

        @Test func aFileOfTheGuestsOwn() throws {
            #expect(guest.open("/tmp/x") == -ENOENT)
            #expect(guest.open("/tmp/x", Flag.write) == -ENOENT)
            #expect(guest.open("/tmp/x", Flag.directory) == -ENOENT)
            #expect(guest.open("/tmp/x", Flag.write | Flag.create, mode: 0o600) == 3)
            #expect(try guest.write(3, "own") == 3)
            #expect(try guest.contents("/tmp/x") == "own")
            #expect(try guest.contents("tmp//x") == "own")
            #expect(guest.open("/tmp/x", Flag.write | Flag.create) == 4)
            #expect(guest.open("/tmp/x", Flag.write | Flag.create | Flag.exclusive) == -EEXIST)
            #expect(guest.open("/tmp/x/y", Flag.write | Flag.create) == -ENOTDIR)
            #expect(guest.makeDirectory("/tmp/x") == -EEXIST)
            #expect(try guest.names("/tmp") == ["x"])
            #expect(try guest.names("/") == ["root", "tmp"])
            let files = try sandbox.listing(temporary)
            #expect(files.count == 1 && files[0].count == 16)
            #expect(try mode("\(temporary)/\(files[0])") == 0o100600)
        }

        @Test func itGoes() throws {
            #expect(guest.open("/tmp/x", Flag.readWrite | Flag.create) == 3)
            #expect(guest.unlink("/tmp/x") == 0)
            #expect(guest.unlink("/tmp/x") == -ENOENT)
            #expect(guest.status("/tmp/x") == -ENOENT)
            #expect(guest.status("/tmp") == -ENOENT)
            #expect(try sandbox.listing(temporary).isEmpty)
            #expect(try guest.write(3, "still open") == 10)
            #expect(guest.makeDirectory("/tmp/x") == 0)
            #expect(guest.unlink("/tmp/x") == -EISDIR)
        }

        @Test func aDirectoryOfTheGuestsOwn() throws {
            #expect(guest.makeDirectory("/var") == 0)
            #expect(guest.makeDirectory("/var") == -EEXIST)
            #expect(guest.makeDirectory("/var/log") == 0)
            #expect(guest.open("/var/log/x", Flag.write | Flag.create) == 3)
            #expect(try guest.write(3, "log") == 3)
            #expect(try guest.contents("/var/log/x") == "log")
            #expect(try guest.names("/var").sorted() == [".", "..", "log"])
            #expect(try guest.mode("/var") == 0o040700)
            #expect(guest.open("/var/../../outside/file") == -ENOENT)
            #expect(guest.unlink("/var/log/x") == 0)
            #expect(guest.unlink("/var/log") == -EISDIR)
            #expect(try sandbox.listing(temporary).count == 1)
        }

        @Test("attack 24: Hermit: links in a temporary directory") func aLinkThatSomebodyPutThere()
            throws
        {
            #expect(guest.makeDirectory("/var") == 0)
            let own = "\(try temporary)/\(try #require(try sandbox.listing(temporary).first))"
            try sandbox.link("\(own)/link", to: sandbox.outside)
            try sandbox.link("\(own)/near", to: ".")
            for name in ["link", "link/file", "near", "near/x"] {
                #expect(guest.open("/var/\(name)") == -ELOOP)
                #expect(guest.open("/var/\(name)", Flag.write | Flag.create) == -ELOOP)
            }
            #expect(guest.unlink("/var/link/file") == -ELOOP)
            #expect(guest.makeDirectory("/var/link/new") == -ELOOP)
            #expect(guest.files.removeTemporaryDirectory() == nil)
            #expect(try sandbox.listing("tmp").isEmpty)
            #expect(try sandbox.isIntact)
        }

        @Test func thereIsAnEndToIt() throws {
            for index in 0..<GuestFiles.temporaryCapacity {
                #expect(guest.makeDirectory("/own/\(index)") == 0)
            }
            #expect(guest.makeDirectory("/own/more") == -ENOSPC)
            #expect(guest.open("/own/more", Flag.write | Flag.create) == -ENOSPC)
            #expect(try sandbox.listing(temporary).count == GuestFiles.temporaryCapacity)
            // Below one there is room.
            #expect(guest.open("/own/0/x", Flag.write | Flag.create) == 3)
            #expect(guest.files.removeTemporaryDirectory() == nil)
            #expect(try sandbox.listing("tmp").isEmpty)
        }

        /// Of few files with long paths, too, and what is gone makes room.
        @Test func thereIsAnEndToPaths() throws {
            let long = String(repeating: "/x", count: 2000)
            var count = 0
            while guest.makeDirectory("/\(count)\(long)") == 0 { count += 1 }
            #expect(guest.makeDirectory("/\(count)\(long)") == -ENOSPC)
            #expect(guest.open("/\(count)\(long)", Flag.write | Flag.create) == -ENOSPC)
            #expect((2...100).contains(count))
            #expect(guest.files.tree.cost <= GuestFiles.temporaryPathCapacity + 100)
            // The rest is used up by files, which go.
            var small = 0
            while guest.open("/f\(small)", Flag.write | Flag.create) >= 3 {
                #expect(guest.files.close(3) == 0)
                small += 1
            }
            #expect(small > 0 && guest.unlink("/f0") == 0)
            #expect(guest.open("/f0", Flag.write | Flag.create) == 3)
            #expect(guest.files.removeTemporaryDirectory() == nil)
        }

        @Test func thereIsAnEndToListings() throws {
            let name = String(repeating: "n", count: 250)
            for index in 0..<1000 {
                #expect(guest.makeDirectory("/own/\(index)\(name)") == 0)
            }
            var open: [Int32] = []
            while true {
                let number = guest.open("/own", Flag.directory)
                if number < 0 {
                    #expect(number == -ENOMEM)
                    break
                }
                open.append(number)
            }
            #expect((2...8).contains(open.count))
            // As many as before, as soon as one is closed.
            #expect(guest.files.close(open[0]) == 0)
            #expect(guest.open("/own", Flag.directory) == open[0])
            #expect(guest.open("/own", Flag.directory) == -ENOMEM)
            #expect(try guest.entries(open[0], room: 4096).result > 0)
            #expect(guest.files.removeTemporaryDirectory() == nil)
        }

        @Test func aParentThatCanNotHoldIt() {
            for (path, cause) in [
                (sandbox.path("none"), "No such file or directory"),
                ("\(sandbox.inside)/file", "Not a directory"),
            ] {
                let error = refusal([], temporaryParent: path)
                #expect(error?.text == "Could not make a temporary directory in \(path): \(cause)")
            }
        }

        // MARK: Removal

        @Test func allGoesButWhatLinksLeadTo() throws {
            #expect(guest.makeDirectory("/a") == 0)
            #expect(guest.makeDirectory("/a/b") == 0)
            #expect(guest.makeDirectory("/a/c") == 0)
            for name in ["/x", "/a/x", "/a/b/x", "/a/c/x"] {
                #expect(guest.open(name, Flag.write | Flag.create, mode: 0) >= 3)
            }
            let directory = try temporary
            try sandbox.link("\(directory)/directory", to: sandbox.outside)
            try sandbox.link("\(directory)/relative", to: "../../outside")
            try sandbox.link("\(directory)/file", to: "../../outside/file")
            try sandbox.link("\(directory)/up", to: "..")
            try sandbox.makeFIFO("\(directory)/fifo")
            #expect(guest.files.removeTemporaryDirectory() == nil)
            #expect(try sandbox.listing("tmp").isEmpty)
            #expect(try sandbox.isIntact)
            // It is over, but nothing worse than that.
            #expect(guest.files.removeTemporaryDirectory() == Errno(ENOENT))
            var lines: [String] = []
            guest.files.removeTemporaryDirectory { lines.append($0) }
            #expect(
                lines == [
                    "Could not remove the guest's temporary directory \(sandbox.path(directory)): "
                        + "No such file or directory"
                ])
            #expect(guest.open("/late", Flag.write | Flag.create) == -ENOENT)
            #expect(guest.makeDirectory("/late") == -ENOENT)
        }

        @Test func manyFilesAndDeepDirectories() throws {
            #expect(guest.makeDirectory("/many") == 0)
            for index in 0..<2_000 {
                #expect(guest.open("/many/file-\(index)", Flag.write | Flag.create) == 3)
                #expect(guest.files.close(3) == 0)
            }
            // The path of the last one on the host is too long to be opened by it.
            #expect(guest.makeDirectory("/d") == 0)
            var path = "/d"
            while guest.makeDirectory(path + "/level") == 0 { path += "/level" }
            #expect(path.utf8.count == 4082)
            #expect(guest.open(path, Flag.directory) == -ENAMETOOLONG)
            #expect(guest.files.removeTemporaryDirectory() == nil)
            #expect(try sandbox.listing("tmp").isEmpty)
        }

        /// Somebody swaps a directory and a link to the outside while all is removed.
        @Test func linksThatAppearMeanwhile() throws {
            try sandbox.makeDirectory("race")
            for _ in 0..<30 {
                let guest = try FileGuest([], temporaryParent: sandbox.path("race"))
                #expect(guest.makeDirectory("/d") == 0)
                for index in 0..<20 { #expect(guest.makeDirectory("/d/\(index)") == 0) }
                let name = "race/\(try #require(try sandbox.listing("race").first))"
                let path = sandbox.path(name)
                let own = try #require(try sandbox.listing(name).first)
                try sandbox.link("\(name)/link", to: sandbox.outside)
                let companion = try Companion {
                    _ = renameat2(
                        AT_FDCWD, "\(path)/\(own)", AT_FDCWD, "\(path)/link",
                        UInt32(RENAME_EXCHANGE))
                }
                _ = guest.files.removeTemporaryDirectory()
                companion.join()
                // Whatever kept it from being removed is over.
                #expect(guest.files.removeTemporaryDirectory()?.code ?? ENOENT == ENOENT)
                #expect(try sandbox.listing("race").isEmpty)
            }
            #expect(try sandbox.isIntact)
        }
    }
#endif
