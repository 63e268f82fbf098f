#if Uhyve
    import Linux
    import Manifests
    import TestSupport

    @testable import Commands
    @testable import HermitImage
    @testable import Tender
    @testable import Uhyve

    /// An image file as a Hermit guest: recognised, inspected, and loaded as for a run.
    final class HermitImageTarget: InputTarget {
        static let name = "hermit-image"
        private static let memorySize: UInt64 = 16 << 20
        /// How many bytes behind the image are looked at: nothing must get there.
        private static let beyond: UInt64 = 0x1000

        private let file: MemoryFile

        init() throws {
            file = try MemoryFile()
        }

        func run(_ input: [UInt8]) throws -> Verdict {
            try file.replace(with: input)
            let image = try ImageFile(path: file.path)
            let isRecognised = HermitImage.recognises(image)
            _ = HermitMark(image)
            _ = try? HermitImage(inspecting: image).description
            do {
                let image = try HermitImage(image)
                try promise(isRecognised, "a guest that is not recognised")
                let layout = try HermitLayout(
                    image, memorySize: Self.memorySize, random: UInt64(input.count))
                try load(image, layout)
                return .accepted
            } catch let breach as Breach {
                throw breach
            } catch {
                return .refused
            }
        }

        private func load(_ image: HermitImage, _ layout: HermitLayout) throws {
            let (low, high) = (layout.memory.lowerBound, layout.memory.upperBound)
            try promise(
                layout.image.lowerBound >= low + HermitLayout.imageOffset
                    && layout.image.upperBound < high,
                "an image outside memory: \(layout)")
            let memory = try GuestMemory(start: GuestAddress(low), count: high - low)
            let information = BootInformation(
                layout: layout, notes: image.notes, threadLocal: image.threadLocal, hasPCI: true,
                cpuCount: 2, counterFrequency: 1_000_000, bootTime: 1)
            let tree = DeviceTree.hermit(
                memory: layout.memory, cpuCount: 2, counterFrequency: 1_000_000,
                mountPoints: ["/root"], bootArguments: Array("-- word".utf8))
            let boot = HermitBoot(memory: memory, layout: layout)
            try boot.prepare(image, information, tree)
            _ = boot.state(entry: image.executable.entry, cpu: 1)
            let end = layout.image.upperBound
            let rest = try memory.tenderRange(at: end, count: Int(min(Self.beyond, high - end)))
            let zeros = [UInt8](repeating: 0, count: rest.count)
            try promise(memory.bytes(in: rest) == zeros, "bytes beyond the image: \(layout)")
        }

        // MARK: Inputs

        static var seeds: [[UInt8]] {
            let bare = notes([("HERMIT", 0x5A00, [4])])
            let version1 = notes([
                ("HERMIT", 0x5A00, [4]), ("UHYVEIF", 0x5B00, [0, 0, 0, 1]),
                ("GNU", 1, [6, 0, 12, 1].flatMap { littleEndian(UInt32($0)) }),
            ])
            let version3 = notes([
                ("HERMIT", 0x5A00, [4]), ("UHYVEIF", 0x5B00, [0, 0, 0, 3]),
                ("GNU", 1, [6, 0, 14, 0].flatMap { littleEndian(UInt32($0)) }),
            ])
            return [
                image(bare, at: 0x20_0000), image(version1, at: nil), image(version3, at: nil),
                image(notes([("HERMIT", 0x5A00, [3])]), at: nil),
            ]
        }

        private static func notes(_ notes: [(String, UInt32, [UInt8])]) -> [UInt8] {
            func padded(_ bytes: [UInt8]) -> [UInt8] {
                bytes + [UInt8](repeating: 0, count: -bytes.count & 3)
            }
            return notes.flatMap { name, type, content in
                let name = Array(name.utf8) + [0]
                return littleEndian(UInt32(name.count)) + littleEndian(UInt32(content.count))
                    + littleEndian(type) + padded(name) + padded(content)
            }
        }

        /// - Parameter address: nil for an image that can lie anywhere, with three relocations.
        private static func image(_ notes: [UInt8], at address: UInt64?) -> [UInt8] {
            typealias Part = ELFBuilder.Part
            let start = address ?? 0
            let relocations: [UInt64] = [
                0x2000, 8, 0x1000, 0x2008, 1 << 32 | 1, 4, 0x2011, 1 << 32 | 6, 0,
            ]
            let symbols: [UInt64] = [0, 0, 0, 1 << 48 | 0x10 << 32, 0x1230, 8]
            let tables =
                [UInt8](repeating: 0, count: 0x100) + relocations.flatMap(littleEndian)
                + symbols.flatMap(littleEndian) + [UInt8](repeating: 0, count: 0x100)
            let dynamic: [UInt64] = [
                7, 0x2100, 8, 72, 9, 24, 6, 0x2148, 11, 24, 0, 0,
            ]
            var elf = ELFBuilder(
                [
                    .segment(Part.read | Part.execute, at: start, Array("text".utf8)),
                    .segment(
                        Part.read | Part.write, at: start + 0x2000, memorySize: 0x1000, tables),
                    Part(type: 4, flags: Part.read, alignment: 4, notes),
                    Part(type: 7, flags: Part.read, address: start + 0x2000, memorySize: 64, [1]),
                ]
                    + (address == nil
                        ? [Part(type: 2, address: 0x2200, dynamic.flatMap(littleEndian))] : []))
            elf.header.type = address == nil ? 3 : 2
            elf.header.osABI = 0xFF
            elf.header.entry = start
            return elf.bytes
        }
    }
#endif
