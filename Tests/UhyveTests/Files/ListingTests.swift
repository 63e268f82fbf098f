#if Uhyve
    import CLinux
    import Linux
    import Testing

    @testable import GuestFiles
    @testable import Uhyve

    /// Directories of the host, and those that only mappings make.
    @Suite struct ListingTests {
        let sandbox: Sandbox
        let guest: FileGuest

        init() throws {
            sandbox = try Sandbox()
            try sandbox.write("inside", to: "inside/file")
            try sandbox.makeDirectory("inside/sub")
            let (inside, file) = (sandbox.inside, "\(sandbox.inside)/file")
            guest = try FileGuest([
                "\(inside):/root", "\(file):/a/b", "\(inside):/a/c", "\(file):/a/d/e/f",
                "\(file):/a/d/g", "\(inside)/new:/a/new",
            ])
        }

        // MARK: The host's

        @Test func aDirectoryOfTheHost() throws {
            #expect(try guest.names("/root").sorted() == [".", "..", "file", "sub"])
            #expect(try guest.names("/a/c").sorted() == [".", "..", "file", "sub"])
            let number = guest.open("/root", Flag.directory)
            let entries = Entry.all(in: try guest.entries(number).bytes)
            for (name, type): (String, UInt8) in [("file", 8), ("sub", 4)] {
                let entry = entries.first { $0.name == name }
                #expect(entry?.type == type || entry?.type == 0)
                let path = Array("/root/\(name)".utf8)
                let attributes = try guest.files.attributes(path, followsLinks: true)
                #expect(entry?.inode == attributes.inode)
            }
        }

        @Test func manyEntriesInSmallPortions() throws {
            let names = (0..<500).map { "file-with-a-number-\($0)" }
            for name in names { try sandbox.write("", to: "inside/sub/\(name)") }
            for room in [64, 100, 1000, 4096, 200_000] {
                let listed = try guest.names("/root/sub", room: room)
                #expect(listed.filter { !$0.hasPrefix(".") }.sorted() == names.sorted(), "\(room)")
            }
        }

        @Test(arguments: ["/root", "/a"]) func roomForNothing(_ path: String) throws {
            let number = guest.open(path, Flag.directory)
            for room in [0, 1, 8, 23] {
                #expect(try guest.entries(number, room: room).result == Int64(-EINVAL))
            }
            // Nothing was skipped for that.
            #expect(try guest.entries(number).result > 24)
            #expect(try guest.entries(number).result == 0)
            #expect(guest.files.seek(number, offset: 0, whence: SEEK_SET) == 0)
            #expect(try guest.entries(number).result > 24)
        }

        @Test func filesHaveNoEntries() throws {
            #expect(guest.open("/root/file") == 3)
            #expect(try guest.entries(3).result == Int64(-ENOTDIR))
        }

        @Test func aDirectoryThatIsGone() throws {
            #expect(guest.open("/root/sub", Flag.directory) == 3)
            rmdir(sandbox.path("inside/sub"))
            #expect(try guest.entries(3).result == Int64(-ENOENT))
        }

        // MARK: Those that mappings make

        @Test func whatIsOnTheWay() throws {
            #expect(try guest.names("/") == ["root", "a"])
            #expect(try guest.names("") == ["root", "a"])
            // What does not exist yet is not there yet.
            #expect(try guest.names("/a") == ["b", "c", "d"])
            #expect(try guest.names("/a/d") == ["e", "g"])
            #expect(try guest.names("/a/d/e") == ["f"])
            #expect(guest.open("/a/new", Flag.write | Flag.create) == 3)
            #expect(try guest.names("/a", room: 24) == ["b", "c", "d", "new"])
        }

        @Test func itsEntries() throws {
            #expect(guest.open("/a", Flag.directory) == 3)
            let (result, bytes) = try guest.entries(3)
            #expect(result == 72)
            #expect(
                Entry.all(in: bytes) == [
                    Entry(inode: 1, offset: 0, type: 8, name: "b"),
                    Entry(inode: 1, offset: 0, type: 4, name: "c"),
                    Entry(inode: 1, offset: 0, type: 4, name: "d"),
                ])
        }

        @Test func itsPositions() throws {
            #expect(guest.open("/a", Flag.directory) == 3)
            func names() throws -> [String] {
                Entry.all(in: try guest.entries(3).bytes).map(\.name)
            }
            let badOffset = Int64(-EINVAL)
            let cases: [(Int64, Int32, Int64, [String])] = [
                (24, SEEK_SET, 24, ["c", "d"]), (0, SEEK_SET, 0, ["b", "c", "d"]),
                (0, SEEK_CUR, 72, []), (-1, SEEK_SET, badOffset, []),
                (-24, SEEK_CUR, badOffset, []),
                (0, SEEK_END, badOffset, []), (0, 3, badOffset, []), (25, SEEK_SET, 25, ["d"]),
                (.max, SEEK_SET, .max, []), (1, SEEK_CUR, Int64(-EOVERFLOW), []),
                (.min, SEEK_CUR, badOffset, []), (0, SEEK_SET, 0, ["b", "c", "d"]),
            ]
            for (offset, whence, result, rest) in cases {
                #expect(guest.files.seek(3, offset: offset, whence: whence) == result)
                #expect(try names() == rest, "\(offset) \(whence)")
            }
        }

        @Test func whatItIs() throws {
            for path in ["/", "/a", "/a/d", "/a/d/e"] {
                let attributes = try guest.files.attributes(Array(path.utf8), followsLinks: true)
                #expect(attributes.mode == 0o040755)
                #expect(attributes.linkCount == 2)
                let number = guest.open(path, Flag.directory)
                #expect(try guest.files.attributes(of: number) == attributes)
            }
        }

        @Test(
            arguments: [
                (0, -EINVAL), (0o200000, 3), (1, -EISDIR), (2, -EISDIR), (0o100, -EISDIR),
                (0o101, -EISDIR), (0o300, -EEXIST), (0o1000, -EISDIR), (0o200001, -EISDIR),
                (0o200100, -EINVAL), (3, -EINVAL),
            ] as [(Int32, Int32)])
        func openingIt(_ flags: Int32, _ result: Int32) {
            #expect(guest.open("/a", flags) == result)
        }

        @Test func itStays() {
            #expect(guest.unlink("/a") == -EISDIR)
            #expect(guest.unlink("/a/d") == -EISDIR)
            #expect(guest.makeDirectory("/a") == -EEXIST)
            #expect(guest.makeDirectory("/a/d/e") == -EEXIST)
            #expect(guest.makeDirectory("/a/x") == -ENOENT)
            #expect(guest.open("/a/x", Flag.write | Flag.create) == -ENOENT)
        }
    }
#endif
