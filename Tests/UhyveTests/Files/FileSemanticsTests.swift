#if Uhyve
    import CLinux
    import Linux
    import Tender
    import Testing

    @testable import GuestFiles
    @testable import Uhyve

    /// What each call does when nothing is wrong, and says when the guest asks for what can't be.
    @Suite struct FileSemanticsTests {
        let sandbox: Sandbox
        let guest: FileGuest

        init() throws {
            sandbox = try Sandbox()
            try sandbox.write("0123456789", to: "inside/file")
            try sandbox.makeDirectory("inside/sub")
            guest = try FileGuest(["\(sandbox.inside):/root"])
        }

        // MARK: Opening

        @Test(
            arguments: [
                ("file", 0, 3), ("file", 1, 3), ("file", 2, 3), ("file", 3, -EINVAL),
                ("file", 0o3 | 0o100, -EINVAL), ("none", 3, -EINVAL),
                ("none", 0, -ENOENT), ("none", 1, -ENOENT), ("none", 0o200, -ENOENT),
                ("none", 0o100, 3), ("none", 0o101, 3), ("none", 0o301, 3),
                ("file", 0o301, -EEXIST),
                ("file", 0o201, 3), ("file", 0o200000, -ENOTDIR), ("none", 0o200000, -ENOENT),
                ("sub", 0o200000, 3), ("sub", 0, 3), ("sub", 1, -EISDIR), ("sub", 2, -EISDIR),
                ("sub", 0o101, -EISDIR), ("sub", 0o301, -EEXIST), ("sub", 0o200001, -EISDIR),
                ("sub", 0o200100, -EINVAL), ("none", 0o200101, -EINVAL), ("file/x", 0, -ENOTDIR),
                ("none/x", 0o101, -ENOENT), ("", 0, 3), ("", 0o200000, 3), ("", 1, -EISDIR),
                ("", 0o101, -EISDIR),
            ] as [(String, Int32, Int32)])
        func flags(_ name: String, _ flags: Int32, _ result: Int32) {
            #expect(guest.open("/root/\(name)", flags) == result)
        }

        /// O_DIRECT, O_NOFOLLOW, O_TMPFILE, O_PATH, O_SYNC and all that is unknown change nothing.
        @Test func unknownFlagsAreDropped() throws {
            let known: Int32 = 0o203303
            #expect(guest.open("/root/file", ~known) == 3)
            #expect(try guest.read(3).bytes == Array("0123456789".utf8))
            #expect(guest.open("/root/file", 1 | ~known) == 4)
            #expect(try guest.write(4, "ab") == 2)
            #expect(try guest.contents("/root/file") == "ab23456789")
            #expect(guest.open("/root/sub", 0o20000000 | 1) == -EISDIR)
            #expect(guest.open("/root/file", .min) == 5)
        }

        @Test(arguments: [0o644, 0o600, 0o7777, 0o444, .max] as [UInt32])
        func modeOfWhatIsCreated(_ mode: UInt32) throws {
            #expect(guest.open("/root/new", Flag.readWrite | Flag.create, mode: mode) == 3)
            let mask = try umask()
            #expect(try guest.mode("/root/new") == 0o100000 | (mode & 0o777 & ~mask))
            #expect(try guest.files.attributes(of: 3).mode & 0o7000 == 0)
            // It was opened for both before its mode mattered.
            #expect(try guest.write(3, "x") == 1)
        }

        /// The process's, without changing it.
        private func umask() throws -> UInt32 {
            let status = try FileDescriptor.open("/proc/self/status", O_RDONLY)
            let text = String(decoding: try status.read(at: 0, count: 4096), as: UTF8.self)
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("Umask:") })
            return try #require(UInt32(line.dropFirst(7), radix: 8))
        }

        @Test func theModeMattersOnlyForWhatIsCreated() {
            #expect(guest.open("/root/file", Flag.read, mode: .max) == 3)
            #expect(guest.open("/root/sub", Flag.directory, mode: 0o777) == 4)
        }

        // MARK: Reading and writing

        @Test func readingToTheEnd() throws {
            #expect(guest.open("/root/file") == 3)
            #expect(try guest.read(3, count: 4).bytes == Array("0123".utf8))
            #expect(try guest.read(3, count: 0).result == 0)
            #expect(try guest.read(3, count: 100).bytes == Array("456789".utf8))
            #expect(try guest.read(3).result == 0)
            #expect(try guest.write(3, "x") == Int64(-EBADF))
            #expect(try guest.write(3, "") == Int64(-EBADF))
        }

        @Test func readingWhatCanNotBeRead() throws {
            #expect(guest.open("/root/file", Flag.write) == 3)
            #expect(try guest.read(3).result == Int64(-EBADF))
            for name in ["/root/sub", "/root", "/"] {
                let number = guest.open(name, Flag.directory)
                #expect(try guest.read(number).result == Int64(-EBADF))
                #expect(try guest.write(number, "x") == Int64(-EBADF))
            }
        }

        @Test func writingOverAppendingTruncating() throws {
            #expect(guest.open("/root/file", Flag.readWrite) == 3)
            #expect(try guest.write(3, "ab") == 2)
            #expect(try guest.contents("/root/file") == "ab23456789")
            #expect(guest.open("/root/file", Flag.write | Flag.append) == 4)
            #expect(guest.files.seek(4, offset: 0, whence: SEEK_SET) == 0)
            #expect(try guest.write(4, "end") == 3)
            #expect(try guest.contents("/root/file") == "ab23456789end")
            #expect(guest.open("/root/file", Flag.write | Flag.truncate) == 5)
            #expect(try sandbox.read("inside/file").isEmpty)
            #expect(try guest.write(5, "") == 0)
            // The first is where it was; what is between is zeros.
            #expect(try guest.write(3, "z") == 1)
            #expect(try sandbox.read("inside/file") == "\0\0z")
        }

        /// A file can't grow any more in the midst of what is written.
        @Test func writingWhereOnlyAPartFits() throws {
            #expect(guest.open("/root/big", Flag.write | Flag.create) == 3)
            var (fits, tooFar): (Int64, Int64) = (0, .max)
            if guest.files.seek(3, offset: tooFar, whence: SEEK_SET) == tooFar { return }
            while tooFar - fits > 1 {
                let middle = fits + (tooFar - fits) / 2
                if guest.files.seek(3, offset: middle, whence: SEEK_SET) == middle {
                    fits = middle
                } else {
                    tooFar = middle
                }
            }
            #expect(guest.files.seek(3, offset: fits - 100, whence: SEEK_SET) == fits - 100)
            let bytes = [UInt8](repeating: 1, count: 4096)
            #expect(try guest.write(3, bytes) == 100)
            #expect(try guest.write(3, bytes) == Int64(-EFBIG))
        }

        @Test("attack 06: Hermit: positions in files") func seeking() throws {
            #expect(guest.open("/root/file") == 3)
            let cases: [(Int64, Int32, Int64)] = [
                (4, SEEK_SET, 4), (2, SEEK_CUR, 6), (-3, SEEK_CUR, 3), (0, SEEK_END, 10),
                (-1, SEEK_END, 9), (100, SEEK_SET, 100), (-101, SEEK_CUR, Int64(-EINVAL)),
                (-1, SEEK_SET, Int64(-EINVAL)), (.min, SEEK_SET, Int64(-EINVAL)),
                (.min, SEEK_CUR, Int64(-EINVAL)), (.max, SEEK_CUR, Int64(-EOVERFLOW)),
                (0, 3, Int64(-EINVAL)), (0, 4, Int64(-EINVAL)), (0, -1, Int64(-EINVAL)),
                (0, .max, Int64(-EINVAL)), (0, SEEK_CUR, 100),
            ]
            for (offset, whence, result) in cases {
                let position = guest.files.seek(3, offset: offset, whence: whence)
                // Which of the two it is depends on the file system's limits.
                let isTooFar = position == Int64(-EINVAL) && result == Int64(-EOVERFLOW)
                #expect(position == result || isTooFar, "\(offset) \(whence)")
            }
        }

        // MARK: Names

        @Test func unlinking() throws {
            #expect(guest.open("/root/file") == 3)
            #expect(guest.unlink("/root/file") == 0)
            #expect(guest.unlink("/root/file") == -ENOENT)
            #expect(guest.unlink("/root/sub") == -EISDIR)
            #expect(guest.unlink("/root") == -EISDIR)
            #expect(guest.unlink("/") == -EISDIR)
            #expect(guest.unlink("/elsewhere") == -ENOENT)
            #expect(guest.unlink("/root/sub/none") == -ENOENT)
            // What is open stays.
            #expect(try guest.read(3).result == 10)
            #expect(try guest.files.attributes(of: 3).linkCount == 0)
            #expect(try sandbox.listing("inside") == ["sub"])
        }

        @Test func makingDirectories() throws {
            #expect(guest.makeDirectory("/root/new") == 0)
            #expect(guest.makeDirectory("/root/new/") == -EEXIST)
            #expect(guest.makeDirectory("/root/new/below") == 0)
            #expect(guest.makeDirectory("/root/file") == -EEXIST)
            #expect(guest.makeDirectory("/root/file/x") == -ENOTDIR)
            #expect(guest.makeDirectory("/root/none/x") == -ENOENT)
            #expect(guest.makeDirectory("/root") == -EEXIST)
            #expect(guest.makeDirectory("/") == -EEXIST)
            #expect(guest.makeDirectory("/elsewhere") == -ENOENT)
            #expect(try guest.mode("/root/new") == 0o040777 & ~umask())
            #expect(guest.open("/root/new/below/file", Flag.write | Flag.create) == 3)
        }

        // MARK: Attributes

        @Test func attributes() throws {
            #expect(guest.open("/root/file") == 3)
            let byNumber = try guest.files.attributes(of: 3)
            let byPath = try guest.files.attributes(Array("/root/file".utf8), followsLinks: true)
            #expect(byNumber == byPath)
            var status = stat()
            try must(stat(sandbox.path("inside/file"), &status))
            #expect(byPath.inode == UInt64(status.st_ino))
            #expect(byPath.device == UInt64(status.st_dev))
            #expect(byPath.size == 10)
            #expect(byPath.linkCount == 1)
            #expect(byPath.isRegular)
            #expect(byPath.user == geteuid())
            #expect(byPath.modified.seconds == Int64(status.st_mtim.tv_sec))
            #expect(Int(byPath.modified.nanoseconds) == status.st_mtim.tv_nsec)
            #expect(try guest.mode("/root/sub") & 0o170000 == 0o040000)
            #expect(guest.status("/root/none") == -ENOENT)
            #expect(guest.status("/none") == -ENOENT)
        }

        @Test func theAttributeBlock() throws {
            var attributes = FileAttributes()
            attributes.device = 0x0101_0101_0101_0101
            attributes.inode = 0x0202_0202_0202_0202
            attributes.linkCount = 0x0303_0303_0303_0303
            attributes.mode = 0x0404_0404
            attributes.user = 0x0505_0505
            attributes.group = 0x0606_0606
            attributes.representedDevice = 0x0707_0707_0707_0707
            attributes.size = 0x0808_0808_0808_0808
            attributes.blockSize = 0x0909_0909_0909_0909
            attributes.blockCount = 0x0A0A_0A0A_0A0A_0A0A
            attributes.accessed.seconds = 0x0B0B_0B0B_0B0B_0B0B
            attributes.accessed.nanoseconds = 0x0C0C_0C0C
            attributes.modified.seconds = 0x0D0D_0D0D_0D0D_0D0D
            attributes.modified.nanoseconds = 0x0E0E_0E0E
            attributes.changed.seconds = 0x0F0F_0F0F_0F0F_0F0F
            attributes.changed.nanoseconds = 0x1010_1010
            try attributes.store(at: GuestAddress(0x3003), in: guest.memory)
            let range = try guest.memory.range(at: GuestAddress(0x3003), count: 128, for: .read)
            let sizes: [(UInt8, Int)] = [
                (1, 8), (2, 8), (3, 8), (4, 4), (5, 4), (6, 4), (0, 4), (7, 8), (8, 8), (9, 8),
                (10, 8), (11, 8), (12, 4), (0, 4), (13, 8), (14, 4), (0, 4), (15, 8), (16, 4),
                (0, 4), (0, 8),
            ]
            let expected = sizes.flatMap { [UInt8](repeating: $0, count: $1) }
            #expect(guest.memory.bytes(in: range) == expected)
        }

        @Test(arguments: [(1 << 20) - 119, 1 << 20, .max, .max - 60] as [UInt64])
        func anAttributeBlockThatDoesNotFit(_ address: UInt64) throws {
            #expect(throws: GuestFault.self) {
                try MappingListing.attributes.store(at: GuestAddress(address), in: guest.memory)
            }
            let end = try guest.memory.range(
                at: GuestAddress((1 << 20) - 120), count: 120, for: .read)
            #expect(guest.memory.bytes(in: end).allSatisfy { $0 == 0 })
        }
    }
#endif
