#if Uhyve
    import Linux
    import TestSupport
    import Testing

    @testable import GuestArchive
    @testable import Tender
    @testable import Uhyve

    /// What is in an archive, and which ones are refused.
    @Suite struct ArchiveTests {
        private func paths(_ tar: TarBuilder) throws -> [String] {
            try Archive(try imageFile(tar.gzipped)).members.map { $0.path.description }
        }

        /// What an archive of this one member is refused for.
        private func refusal(
            _ name: String, _ content: [UInt8] = [], type: Character = "0", size: String? = nil,
            edit: (inout [UInt8]) -> Void = { _ in }
        ) throws -> String? {
            var tar = TarBuilder()
            tar.add(name, content, type: type, size: size, edit: edit)
            let text = try UhyveTests.refusal(tar.gzipped)
            let start = "its tar archive is not usable: "
            if let text { #expect(text.hasPrefix(start)) }
            return text.map { String($0.dropFirst(start.count)) }
        }

        @Test func members() throws {
            var tar = TarBuilder()
            tar.add("./a", "first")
            tar.add("dir/", "", type: "5")
            tar.add("dir/b", [UInt8](repeating: 7, count: 1000))
            tar.add("/c", "")
            let archive = try Archive(try imageFile(tar.gzipped))
            #expect(archive.members.map { $0.path.description } == ["/a", "/dir/b", "/c"])
            #expect(archive.members.map { $0.size } == [5, 1000, 0])
            #expect(try archive.bytes(of: archive.members[0], count: 100) == Array("first".utf8))
            #expect(try archive.bytes(of: archive.members[0], at: 3, count: 1) == Array("s".utf8))
            #expect(try archive.bytes(of: archive.members[0], at: 5, count: 1) == [])
            #expect(try archive.bytes(of: archive.members[1], at: 999, count: 9) == [7])
        }

        @Test func longNames() throws {
            let long = String(repeating: "d/", count: 100) + "name"
            var tar = TarBuilder()
            tar.add("././@LongLink", Array(long.utf8) + [0], type: "L")
            tar.add("short", "1")
            tar.add("plain", "2")
            let record = " path=\(long)x\n"
            tar.add("PaxHeaders/x", "\(record.utf8.count + 3)\(record)", type: "x")
            tar.add("short", "3")
            tar.add("pax_global_header", "13 comment=x\n", type: "g")
            tar.add("last", [], edit: { $0.replaceSubrange(345..<348, with: "dir".utf8) })
            #expect(try paths(tar) == ["/\(long)", "/plain", "/\(long)x", "/dir/last"])
        }

        @Test func emptyAndWithoutAnEnd() throws {
            #expect(try paths(TarBuilder()).isEmpty)
            var tar = TarBuilder()
            tar.add("a", "x")
            #expect(try Archive(try imageFile(gzip(tar.bytes))).members.count == 1)
        }

        // MARK: Hostile ones

        @Test(arguments: ["../x", "a/../b", "a/..", ".."]) func ways(_ name: String) throws {
            #expect(try refusal(name) == "the name '\(name)' has a '..'")
        }

        @Test func names() throws {
            #expect(try refusal("") == "a file has no name")
            #expect(try refusal("./.") == "a file has no name")
            #expect(
                try refusal("x") { $0[0] = 0xFF }?.hasSuffix("can't be a path: Invalid argument")
                    == true)
        }

        @Test(
            arguments: [
                ("1", "a link"), ("2", "a link"), ("3", "a device"), ("6", "a FIFO"),
                ("S", "of type 83"), ("K", "of type 75"),
            ] as [(Character, String)])
        func kinds(_ type: Character, _ what: String) throws {
            #expect(
                try refusal("x", type: type)
                    == "'x' is \(what): only files and directories are supported")
        }

        @Test(arguments: ["00000000x00", "-0000000001", "           ", "99999999999", "0 0"])
        func sizes(_ size: String) throws {
            #expect(try refusal("x", size: size) == "the size of 'x' is not a number")
        }

        @Test func sizeInBinary() throws {
            #expect(
                try refusal("x") { $0[124] = 0x80 } == "the size of 'x' is not a number")
        }

        @Test(arguments: ["00000002001", "77777777777", "777777777777"])
        func contentThatIsNotThere(_ size: String) throws {
            #expect(try refusal("x", size: size) == "the content of 'x' is not all there")
        }

        @Test func checksums() throws {
            var tar = TarBuilder()
            tar.add("a", "x")
            for index in [0, 124, 148, 511] {
                var bytes = tar.bytes
                bytes[index] ^= 1
                #expect(
                    try UhyveTests.refusal(gzip(bytes))
                        == "its tar archive is not usable: the header at byte 0 has a wrong checksum"
                )
            }
            #expect(try UhyveTests.refusal(gzip([1, 2, 3]))?.hasSuffix("within a header") == true)
        }

        @Test(arguments: [
            ("a", "a"), ("a", "./a"), ("a", "a/b"), ("a/b", "a"), ("x/y/z", "x"),
        ])
        func twoInOnePlace(_ first: String, _ second: String) throws {
            var tar = TarBuilder()
            for name in [first, "a-", "b", second] { tar.add(name) }
            #expect(try UhyveTests.refusal(tar.gzipped)?.hasSuffix("can't both be files") == true)
        }

        @Test(arguments: [
            "x", "5 path=a\n", "99 path=a\n", "0 \n", "-3 path=a\n", "9 path=ab", "4 a\n",
        ])
        func paxRecords(_ records: String) throws {
            var tar = TarBuilder()
            tar.add("pax", records, type: "x")
            #expect(try UhyveTests.refusal(tar.gzipped)?.hasSuffix("record is malformed") == true)
        }

        @Test func longHeaders() throws {
            for type: Character in ["x", "L"] {
                var tar = TarBuilder()
                tar.add("pax", [UInt8](repeating: 0x61, count: 100_000), type: type)
                #expect(
                    try UhyveTests.refusal(tar.gzipped)?.hasSuffix("100000 bytes is too long")
                        == true)
            }
            var tar = TarBuilder()
            tar.add("pax", "12 size=100\n", type: "x")
            #expect(
                try UhyveTests.refusal(tar.gzipped)?
                    .hasSuffix("an extended header is followed by no file") == true)
        }

        @Test func tooManyMembers() throws {
            var tar = TarBuilder()
            for index in 0...Archive.mostMembers { tar.add("\(index)") }
            #expect(
                try UhyveTests.refusal(tar.gzipped)?.hasSuffix("it has more than 4096 files")
                    == true)
        }

        @Test func tooManyNames() throws {
            var tar = TarBuilder()
            for index in 0...40 {
                let path = "\(index)" + String(repeating: "/x", count: 2000)
                tar.add("long", Array(path.utf8), type: "L")
                tar.add("short")
            }
            #expect(
                try UhyveTests.refusal(tar.gzipped)?.hasSuffix("more than 65536 names") == true)
        }

        @Test func pathsThatAreTooLong() throws {
            let name = String(repeating: "n", count: 250)
            var tar = TarBuilder()
            for index in 0...300 {
                let path = "\(index)" + String(repeating: "/\(name)", count: 15)
                tar.add("long", Array(path.utf8), type: "L")
                tar.add("short")
            }
            #expect(
                try UhyveTests.refusal(tar.gzipped)?
                    .hasSuffix("its paths are longer than 1048576 bytes in all") == true)
        }

        // MARK: Compression

        @Test func decompressedSize() throws {
            var tar = TarBuilder()
            tar.add("x", [UInt8](repeating: 1, count: 200_000))
            let size = UInt64(tar.bytes.count + 1024)
            #expect(try UhyveTests.refusal(tar.gzipped, limit: size) == nil)
            #expect(
                try UhyveTests.refusal(tar.gzipped, limit: size - 1)
                    == "Decompressed, it has more than \(size - 1) bytes")
        }

        @Test func damage() throws {
            var tar = TarBuilder()
            tar.add("x", "content")
            let whole = tar.gzipped
            for count in [4, 9, 10, 100, whole.count - 1] {
                #expect(
                    try UhyveTests.refusal(Array(whole.prefix(count)))
                        == "Could not read the compressed archive: the file is too short")
            }
            for index in [2, 10, 12, 40, whole.count - 8, whole.count - 1] {
                var bytes = whole
                bytes[index] ^= 0xFF
                #expect(
                    try UhyveTests.refusal(bytes) == "Could not decompress: it is damaged",
                    "\(index)")
            }
            #expect(
                try UhyveTests.refusal(whole + [1]) == "Something follows the compressed archive")
        }

        /// Somebody who opened it before can't change it either.
        @Test func itIsSealed() throws {
            let content = try FileDescriptor.inMemory(named: "test")
            try content.append([1, 2, 3])
            try content.seal()
            do throws(Errno) {
                try content.append([4])
                Issue.record("changed")
            } catch {
                #expect(error == Errno(1))
            }
        }
    }
#endif
