#if Uhyve
    import TestSupport
    import Testing

    @testable import GuestArchive
    @testable import Tender
    @testable import Uhyve

    /// Extended headers of pax: what is done as they say, and which are refused by name.
    @Suite struct PaxTests {
        private func paths(_ tar: TarBuilder) throws -> [String] {
            try Archive(try imageFile(tar.gzipped)).members.map { $0.path.description }
        }

        /// A record with its length, which counts its own digits.
        private func record(_ key: String, _ value: String) -> String {
            let rest = " \(key)=\(value)\n"
            var length = rest.utf8.count
            while String(length).utf8.count + rest.utf8.count != length { length += 1 }
            return "\(length)\(rest)"
        }

        private func archive(_ records: String, type: Character = "x") -> TarBuilder {
            var tar = TarBuilder()
            tar.add("pax", records, type: type)
            tar.add("file", "content")
            tar.add("last", "x")
            return tar
        }

        @Test func done() throws {
            let tar = archive(
                record("path", "none") + record("path", "a") + record("size", "7")
                    + record("hdrcharset", "BINARY") + record("mtime", "1.5")
                    + record("SCHILY.xattr.user.x", "y") + record("comment", "GNU.sparse.major"))
            let archive = try Archive(try imageFile(tar.gzipped))
            #expect(archive.members.map { $0.path.description } == ["/a", "/last"])
            #expect(archive.members.map { $0.size } == [7, 1])
            // The size is the record's, and so is where the next member begins.
            var larger = TarBuilder()
            larger.add("pax", record("size", "1024"), type: "x")
            larger.add("file", [UInt8](repeating: 1, count: 1024), size: "00000000001")
            larger.add("last", "x")
            let members = try Archive(try imageFile(larger.gzipped)).members
            #expect(members.map { $0.size } == [1024, 1])
            // Without a value, a record takes the one before back.
            let none = self.archive(
                record("path", "a") + record("size", "3") + record("path", "")
                    + record("size", ""))
            #expect(try paths(none) == ["/file", "/last"])
        }

        @Test(arguments: [
            ("GNU.sparse.major", "1"), ("GNU.sparse.name", "data"), ("GNU.sparse.map", "0,1"),
            ("GNU.sparse.numblocks", "0"), ("SUN.holesdata", " 0 10"), ("SCHILY.realsize", "9"),
            ("SCHILY.filetype", "hole"), ("GNU.volume.offset", "512"), ("GNU.dumpdir", "Ya"),
            ("linkpath", "/etc/passwd"), ("hdrcharset", "ISO-8859-1"), ("hdrsize", "1"),
        ])
        func changesTheContent(_ key: String, _ value: String) throws {
            let why = try #require(try refusal(archive(record(key, value)).gzipped))
            #expect(why.hasPrefix("its tar archive is not usable: 'file' "))
            #expect(why.contains(key == "linkpath" ? "a link" : "pax record \(key)"))
            let isSparse = key.hasPrefix("GNU.sparse") || key.hasPrefix("SUN")
            #expect(why.contains("sparse file") == isSparse)
            // The same for all files, and for a directory.
            #expect(try refusal(archive(record(key, value), type: "g").gzipped) != nil)
            var tar = TarBuilder()
            tar.add("pax", record(key, value), type: "x")
            tar.add("directory/", "", type: "5")
            #expect(try refusal(tar.gzipped)?.contains("'directory/'") == true)
        }

        @Test func forAllFiles() throws {
            #expect(try paths(archive(record("comment", "x"), type: "g")) == ["/file", "/last"])
            for (key, value) in [("path", "a"), ("size", "7")] {
                #expect(
                    try refusal(archive(record(key, value), type: "g").gzipped)?
                        .hasSuffix("it has a path or size for all of its files") == true)
            }
        }

        @Test(arguments: ["-1", "+7", "7 ", "0x7", "99999999999999999999"])
        func sizesThatAreNone(_ size: String) throws {
            #expect(
                try refusal(archive(record("size", size)).gzipped)?
                    .hasSuffix("the size in a pax record is not a number") == true)
        }

        @Test(arguments: ["18446744073709551615", "9223372036854775807", "1000000"])
        func sizesThatAreTooLarge(_ size: String) throws {
            #expect(
                try refusal(archive(record("size", size)).gzipped)?
                    .hasSuffix("the content of 'file' is not all there") == true)
        }

        /// As GNU tar stores them.
        @Test(arguments: ["0.0", "0.1", "1.0"]) func sparseFiles(_ version: String) throws {
            let directory = try TemporaryDirectory()
            let script =
                "cd '\(directory.path)' && truncate -s 1M data && printf tail >>data && "
                + "tar -S --format=pax --sparse-version=\(version) -cf - data | gzip >image"
            let made = try ChildProcess.run("/bin/sh", ["-c", script])
            try #require(made.status == 0, "\(made.error)")
            let why = try refusal(try directory.read("image"))
            #expect(why?.contains("is a sparse file") == true, "\(why ?? "accepted")")
        }
    }
#endif
