#if Uhyve
    import ABI
    import Architecture
    import CLinux
    import Foundation
    import Hypervisor
    import Linux
    import TestSupport

    @testable import GuestFiles
    @testable import Tender
    @testable import Uhyve

    /// Hypercalls of a Hermit guest, of all versions of the interface, with a directory of the
    /// host's to work in.
    ///
    /// An input is a sequence of calls: a byte for the call, 8 for its argument, 40 for the
    /// parameters, 32 for a path or other data.
    final class UhyveCallTarget: InputTarget {
        static let name = "uhyve-calls"

        private static let callSize = 81
        private static let start: UInt64 = 0x1_0000_0000
        private static let count: UInt64 = 0x40_0000
        private static let parameters = start + 0x1_0000
        private static let data = start + 0x2_0000
        private static let root = start + 0x1000
        private static let secret: [UInt8] = Array("secret".utf8)

        private let directory: TemporaryDirectory
        private let memory: GuestMemory
        private let sink: Descriptor

        init() throws {
            directory = try TemporaryDirectory()
            try directory.write(Self.secret, to: "outside")
            try directory.makeDirectory("inside")
            memory = try GuestMemory(start: GuestAddress(Self.start), count: Self.count)
            sink = try Descriptor(opening: "/dev/null", O_WRONLY)
        }

        func run(_ input: [UInt8]) throws -> Verdict {
            try tidyUp()
            // Two page table entries, and a page of 2 MiB.
            try memory.place(Self.start + 0x2003, at: Self.root)
            try memory.place(Self.start + 0x3003, at: Self.start + 0x2000)
            try memory.place(Self.start + 0x83, at: Self.start + 0x3000)
            let calls = Hypercalls(
                memory: memory, console: SharedConsole(try Console(sink.number, patience: 0)),
                files: try GuestFiles(
                    mappings: try [
                        "\(directory.path("inside")):/root",
                        "\(directory.path("outside")):/fixed:ro",
                    ].map { try FileMapping.parse(OptionValue(name: "file-mapping", value: $0)) },
                    temporaryParent: nil),
                arguments: GuestArguments(
                    path: Array("guest".utf8), arguments: [Array("word".utf8)],
                    environment: [Array("A=b".utf8)]), warn: { _ in })
            let verdict = serve(input, calls)
            try promise(
                try directory.read("outside") == Self.secret, "a read-only file was written to")
            let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
            try promise(names.sorted() == ["inside", "outside"], "files outside: \(names)")
            return verdict
        }

        private func tidyUp() throws {
            let inside = directory.path("inside")
            for name in try FileManager.default.contentsOfDirectory(atPath: inside) {
                try FileManager.default.removeItem(atPath: "\(inside)/\(name)")
            }
            // Without the detour through Foundation, which has the disk confirm each file.
            let file = try Descriptor(opening: "\(inside)/file", O_CREAT | O_WRONLY)
            try file.write(Self.secret)
        }

        private func serve(_ input: [UInt8], _ calls: Hypercalls) -> Verdict {
            let most = 64
            for start in stride(from: 0, to: input.count, by: Self.callSize).prefix(most) {
                let record = Array(input[start..<min(input.count, start + Self.callSize)])
                guard record.count == Self.callSize else { return .refused }
                let call = Call.allCases[Int(record[0]) % Call.allCases.count]
                let argument = record[1..<9].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
                try? memory.store(Array(record[9..<49]), at: GuestAddress(argument))
                try? memory.store(Array(record[49...]), at: GuestAddress(Self.data))
                do {
                    let code = try calls.serve(call, argument) { () throws(TenderError) in
                        AddressTranslation(.fourLevels, root: Self.root)
                    }
                    if code != nil { break }
                } catch {
                    return .refused
                }
            }
            return .accepted
        }

        // MARK: Inputs

        static var seeds: [[UInt8]] {
            let virtualData = data - start
            let open = [
                call(.fileOpen2, "/root/new", data, UInt64(0o102) | 0o644 << 32),
                call(.fileOpen2, "/root/file", data, 2),
            ]
            let files = [
                call(.fileWrite2, "data", 16, 0, data, 3), call(.fileLseek2, "", 0, 3 << 32),
                call(.fileRead2, "", 64, 0, data, 4), call(.fileLseek2, "", 1 << 40, 4 << 32 | 2),
                call(.fileClose2, "", 3), call(.fileUnlink2, "/root/file", data),
            ]
            let version3 = [
                call(.mkdir3, "/root/directory", data, 15, 0o755),
                call(.fileOpen2, "/root", data, 0o200000),
                call(.getdents3, "", 512, data, 3),
                call(.fileStat3, "/root/../fixed", data, data, 1),
                call(.fileFstat3, "", data, 3),
            ]
            // The structs of version 1 are packed: the descriptor comes first, in 4 bytes.
            let version1 = [
                call(.fileOpen1, "/root/file", data, 2),
                call(.fileWrite1, "data", virtualData << 32 | 3, 16 << 32),
                call(.fileRead1, "", virtualData << 32 | 3, 64 << 32),
                call(.fileLseek1, "", 3, 2 << 32), call(.fileClose1, "", 3),
                call(.fileUnlink1, "/root/file", data), call(.cmdsize1, ""),
                call(.cmdval1, "", virtualData, virtualData), call(.uart1, "x"),
                call(.serialWriteBuffer1, "line", virtualData, 4),
            ]
            let others = [
                call(.serialWriteBuffer2, "line", 4, data), call(.serialWriteByte2, ""),
                call(.fileOpen2, "/etc/passwd", data), call(.exit2, ""), call(.exit1, "", 3),
                call(.netStat1, ""), call(.sharedMemOpen3, ""),
            ]
            let programs = [open + files, version3, version1, open, others]
            return programs.map { Array($0.joined()) } + open + version1 + version3 + others
        }

        private static func call(_ call: Call, _ text: String, _ words: UInt64...) -> [UInt8] {
            let block = words.flatMap(littleEndian) + [UInt8](repeating: 0, count: 40)
            let text = Array(text.utf8) + [UInt8](repeating: 0, count: 32)
            return [call.rawValue] + littleEndian(parameters) + block.prefix(40) + text.prefix(32)
        }

        static var words: [[UInt8]] {
            ["..", "/", "/root/", "/proc/self/fd/1", "/fixed"].map { Array($0.utf8) + [0] }
                + [littleEndian(start), littleEndian(start + count - 8), littleEndian(data)]
        }
    }
#endif
