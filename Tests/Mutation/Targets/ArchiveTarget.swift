#if Uhyve
    import TestSupport

    @testable import GuestArchive
    @testable import HermitImage
    @testable import Tender
    @testable import Uhyve

    /// A file as a Hermit image: decompressed, taken apart, its configuration read.
    ///
    /// The first byte of an input says what the rest is: a compressed file; a tar archive, to be
    /// compressed and its checksums made right first; or a hermit.toml, to be put into an archive.
    final class ArchiveTarget: InputTarget {
        static let name = "archive"
        /// How many bytes of each member are read.
        private static let sample = 64

        private let file: MemoryFile

        init() throws {
            file = try MemoryFile()
        }

        private enum Kind: UInt8, CaseIterable {
            case compressed, archive, configuration
        }

        func run(_ input: [UInt8]) throws -> Verdict {
            guard let first = input.first else { return .refused }
            let rest = Array(input.dropFirst())
            switch Kind.allCases[Int(first) % Kind.allCases.count] {
            case .compressed: try file.replace(with: rest)
            case .archive: try file.replace(with: Self.compressed(Self.signed(rest)))
            case .configuration: try file.replace(with: Self.compressed(Self.archive(of: rest)))
            }
            do {
                let image = try ImageFile(path: file.path)
                guard try HermitContainer.isOne(image) else { return .refused }
                try look(into: try HermitContainer(image))
                return .accepted
            } catch let breach as Breach {
                throw breach
            } catch {
                return .refused
            }
        }

        private func look(into container: HermitContainer) throws {
            let archive = container.archive
            try promise(
                archive.members.count <= Archive.mostMembers, "more files than there may be")
            for member in archive.members {
                let bytes = try archive.bytes(of: member, count: Self.sample)
                try promise(
                    bytes.count == Int(min(member.size, UInt64(Self.sample))),
                    "\(member.path) has \(bytes.count) bytes")
                try promise(
                    !member.path.isRoot
                        && !member.path.names.contains {
                            $0.isEmpty || [[0x2E], [0x2E, 0x2E]].contains($0)
                                || $0.contains(UInt8(ascii: "/"))
                        }, "a path that leads elsewhere: \(member.path)")
            }
            let image = try? HermitImage(inspecting: container.kernel)
            if let report = image?.description(in: container).report {
                _ = report.text + report.json.text
            }
        }

        // MARK: Inputs

        static var seeds: [[UInt8]] {
            let text = Array(configuration.utf8)
            let files =
                member("bin/", [], "5") + member("bin/kernel", [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1])
                + member("x", Array("27 path=some/long/name.txt\n".utf8), "x")
                + member("f", [1, 2])
                + member("././@LongLink", Array("very/long/name\0".utf8), "L") + member("g", [4])
                + member("pax_global_header", Array("19 comment=abcdefg\n".utf8), "g")
            let whole = member("hermit.toml", text) + files + [UInt8](repeating: 0, count: 1024)
            return [
                [Kind.configuration.rawValue] + text, [Kind.archive.rawValue] + whole,
                [Kind.compressed.rawValue] + compressed(whole),
                [Kind.compressed.rawValue] + compressed(archive(of: text)),
            ]
        }

        private static let configuration = """
            version = "1"
            kernel = "bin/kernel"
            [input]
            kernel_args = ["-ip", "10.0.0.2"]
            app_args = [ "--verbose", "\\u00e9\\n" ]
            env_vars = ["NAME=VALUE"] # a comment
            [requirements]
            memory = "128 MiB"
            cpus = 2

            """

        static var words: [[UInt8]] {
            [
                "..", "/", "hermit.toml", "\\u", "\\U0010FFFF", "[", "]", "[[", "'''", "\"\"\"",
                "memory = \"", "{ a = 1 }", "99999999999999999999", "path=", "size=", "GNU.sparse.",
                "77777777777",
            ].map { Array($0.utf8) }
        }

        // MARK: Formats

        /// An archive with this configuration, and a kernel that is none.
        private static func archive(of configuration: [UInt8]) -> [UInt8] {
            signed(member("hermit.toml", configuration) + member("bin/kernel", [0x7F, 0x45]))
                + [UInt8](repeating: 0, count: 1024)
        }

        private static let block = 512
        private static let size = 124..<136
        private static let checksum = 148..<156

        /// A member of a tar archive (POSIX.1-2017, pax, "ustar Interchange Format"), unsigned.
        private static func member(
            _ name: String, _ content: [UInt8], _ type: Character = "0"
        ) -> [UInt8] {
            var header = [UInt8](repeating: 0, count: block)
            func put(_ text: String, at offset: Int) {
                header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
            }
            put(name, at: 0)
            put("0000644\0", at: 100)
            put(octal(content.count, digits: 11), at: size.lowerBound)
            put(String(type), at: 156)
            put("ustar\0" + "00", at: 257)
            sign(&header)
            return header + content + [UInt8](repeating: 0, count: -content.count & (block - 1))
        }

        private static func octal(_ number: Int, digits: Int) -> String {
            let text = String(number, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
        }

        private static func sign(_ header: inout [UInt8]) {
            header.replaceSubrange(checksum, with: [UInt8](repeating: 0x20, count: 8))
            let sum = octal(header.reduce(0) { $0 + Int($1) }, digits: 6)
            header.replaceSubrange(checksum, with: Array(sum.utf8) + [0, 0x20])
        }

        /// The same with the right checksum in all that may be a header.
        private static func signed(_ archive: [UInt8]) -> [UInt8] {
            var bytes = archive
            var position = 0
            while position + block <= bytes.count {
                var header = Array(bytes[position..<position + block])
                guard header.contains(where: { $0 != 0 }) else { break }
                sign(&header)
                bytes.replaceSubrange(position..<position + block, with: header)
                let digits = header[size].drop { $0 == 0x20 }.prefix { 0x30...0x37 ~= $0 }
                let count = digits.reduce(0) { $0 << 3 | Int($1 - 0x30) }
                guard count <= bytes.count else { break }
                position += block + (count + block - 1) / block * block
            }
            return bytes
        }

        /// The format of gzip (RFC 1952), with nothing compressed (RFC 1951, 3.2.4).
        private static func compressed(_ content: [UInt8]) -> [UInt8] {
            var bytes: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
            var rest = content[...]
            repeat {
                let piece = rest.prefix(0xFFFF)
                rest = rest.dropFirst(piece.count)
                let count = UInt16(piece.count)
                bytes += [rest.isEmpty ? 1 : 0] + littleEndian(count) + littleEndian(~count) + piece
            } while !rest.isEmpty
            let crc = content.reduce(UInt32.max) {
                remainders[Int(UInt8($0 & 0xFF) ^ $1)] ^ $0 >> 8
            }
            return bytes + littleEndian(~crc) + littleEndian(UInt32(content.count))
        }

        private static let remainders = (0..<256).map { byte in
            (0..<8).reduce(UInt32(byte)) { rest, _ in
                rest >> 1 ^ (rest & 1 == 0 ? 0 : 0xEDB8_8320)
            }
        }
    }
#endif
