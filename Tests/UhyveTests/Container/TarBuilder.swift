#if Uhyve
    import Linux
    import TestSupport

    @testable import GuestArchive
    @testable import Tender
    @testable import Uhyve

    /// An archive for a test, with whatever defects the test wants.
    struct TarBuilder {
        private(set) var bytes: [UInt8] = []

        /// Adds a member.
        ///
        /// - Parameters:
        ///   - size: what the header says; nil for what is true.
        ///   - edit: changes the header, before its checksum is made.
        mutating func add(
            _ name: String, _ content: [UInt8] = [], type: Character = "0", size: String? = nil,
            edit: (inout [UInt8]) -> Void = { _ in }
        ) {
            var header = [UInt8](repeating: 0, count: 512)
            func put(_ text: String, at offset: Int) {
                header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
            }
            put(name, at: 0)
            put("0000644\0", at: 100)
            let octal = String(content.count, radix: 8)
            put(size ?? String(repeating: "0", count: 11 - octal.count) + octal, at: 124)
            put(String(type), at: 156)
            put("ustar\0" + "00", at: 257)
            edit(&header)
            Self.sign(&header)
            bytes += header + content
            while bytes.count % 512 != 0 { bytes.append(0) }
        }

        mutating func add(_ name: String, _ text: String, type: Character = "0") {
            add(name, Array(text.utf8), type: type)
        }

        static func sign(_ header: inout [UInt8]) {
            header.replaceSubrange(148..<156, with: "        ".utf8)
            let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
            let digits = String(repeating: "0", count: 6 - sum.count) + sum + "\0 "
            header.replaceSubrange(148..<156, with: digits.utf8)
        }

        mutating func append(_ more: [UInt8]) { bytes += more }

        /// With the two empty blocks that end an archive.
        var gzipped: [UInt8] { gzip(bytes + [UInt8](repeating: 0, count: 1024)) }
    }

    /// The format of gzip (RFC 1952), with nothing compressed (RFC 1951, 3.2.4).
    func gzip(_ content: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
        var rest = content[...]
        repeat {
            let piece = rest.prefix(0xFFFF)
            rest = rest.dropFirst(piece.count)
            let count = UInt16(piece.count)
            bytes += [rest.isEmpty ? 1 : 0] + littleEndian(count) + littleEndian(~count) + piece
        } while !rest.isEmpty
        return bytes + littleEndian(crc32(content)) + littleEndian(UInt32(content.count))
    }

    /// The checksum of gzip (RFC 1952, 8).
    func crc32(_ content: [UInt8]) -> UInt32 {
        var crc = UInt32.max
        for byte in content {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 0 ? 0 : 0xEDB8_8320) }
        }
        return ~crc
    }

    func imageFile(_ bytes: [UInt8]) throws -> ImageFile {
        let directory = try TemporaryDirectory()
        return try ImageFile(path: try directory.write(bytes, to: "image"))
    }

    /// What an archive is refused for; nil if it is not.
    func refusal(_ bytes: [UInt8], limit: UInt64 = Inflater.most) throws -> String? {
        do {
            _ = try Archive(try imageFile(bytes), limit: limit)
            return nil
        } catch let error as ImageError {
            let path = error.description.prefix { $0 != ":" }
            return String(error.description.dropFirst(path.count + 2))
        }
    }
#endif
