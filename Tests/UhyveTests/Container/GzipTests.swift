#if Uhyve
    import TestSupport
    import Testing

    @testable import GuestArchive
    @testable import HermitImage
    @testable import Tender
    @testable import Uhyve

    /// Compressed files as RFC 1952 and gzip allow them.
    @Suite struct GzipTests {
        private static let content = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 / 7) }

        private static let tar: [UInt8] = {
            var tar = TarBuilder()
            tar.add("x", content)
            tar.add("y", "last")
            return tar.bytes + [UInt8](repeating: 0, count: 1024)
        }()

        private func check(_ file: [UInt8]) throws {
            let archive = try Archive(try imageFile(file))
            #expect(archive.members.map { $0.size } == [200_000, 4])
            #expect(try archive.bytes(of: archive.members[0], count: 200_000) == Self.content)
            #expect(try archive.bytes(of: archive.members[1], count: 9) == Array("last".utf8))
        }

        @Test(arguments: [0, 1, 511, 100_000]) func padding(_ count: Int) throws {
            try check(gzip(Self.tar) + [UInt8](repeating: 0, count: count))
        }

        @Test(arguments: [512, 40_000, 65_536, 70_001]) func members(_ size: Int) throws {
            // Some hold nothing.
            var file = gzip([])
            for start in stride(from: 0, to: Self.tar.count, by: size) {
                file += gzip(Array(Self.tar[start..<min(Self.tar.count, start + size)]))
                if start % 3 == 0 { file += gzip([]) }
            }
            try check(file)
            try check(file + [0, 0])
        }

        /// As gzip compresses: what comes out is many times what goes in.
        @Test func compressed() throws {
            let directory = try TemporaryDirectory()
            var tar = TarBuilder()
            tar.add("zeros", [UInt8](repeating: 0, count: 10_000_000))
            try directory.write(tar.bytes, to: "tar")
            let made = try ChildProcess.run(
                "/bin/sh",
                ["-c", "cd '\(directory.path)' && gzip -9 tar && cat tar.gz tar.gz >two"])
            try #require(made.status == 0, "\(made.error)")
            let file = try directory.read("tar.gz")
            #expect(try Archive(try imageFile(file)).members.map { $0.size } == [10_000_000])
            #expect(
                try refusal(try directory.read("two"))?.hasSuffix("can't both be files") == true)
            #expect(
                try refusal(try directory.read("two"), limit: 10_000_000)
                    == "Decompressed, it has more than 10000000 bytes")
        }

        /// Extra field, name, comment, checksum (RFC 1952, 2.3).
        @Test func headers() throws {
            for flags: UInt8 in 0..<32 {
                var header: [UInt8] = [0x1F, 0x8B, 8, flags, 1, 2, 3, 4, 0, 3]
                if flags & 4 != 0 { header += [4, 0, 0x41, 0x42, 0, 0] }
                if flags & 8 != 0 { header += Array("image.tar".utf8) + [0] }
                if flags & 16 != 0 { header += Array("comment".utf8) + [0] }
                if flags & 2 != 0 {
                    header += littleEndian(UInt16(truncatingIfNeeded: crc32(header)))
                }
                let file = header + gzip(Self.tar).dropFirst(10)
                try check(file)
                guard flags & 2 != 0 else { continue }
                var damaged = file
                damaged[header.count - 1] ^= 1
                #expect(try refusal(damaged) == "Could not decompress: it is damaged")
            }
        }

        @Test func whatFollows() throws {
            let whole = gzip(Self.tar)
            for rest in [[1], [0, 0, 1], [0x1E, 0x8B], [0] + whole] as [[UInt8]] {
                #expect(try refusal(whole + rest) == "Something follows the compressed archive")
            }
            // A member that is none, or cut off.
            #expect(try refusal(whole + [0x1F, 0]) == "Could not decompress: it is damaged")
            #expect(
                try refusal(whole + whole.prefix(30))
                    == "Could not read the compressed archive: the file is too short")
        }
    }
#endif
