import Hypervisor
import Linux
import Manifests
import Programs
import TestSupport

@testable import Commands
@testable import HVT
@testable import Tender

/// An image file as a Solo5 guest: inspected, checked, and loaded as for a run.
final class HVTImageTarget: InputTarget {
    static let name = "hvt-image"
    private static let memorySize: UInt64 = 16 << 20

    private let file: MemoryFile

    init() throws {
        file = try MemoryFile()
    }

    static var seeds: [[UInt8]] {
        typealias Part = ELFBuilder.Part
        let devices = [
            Part.manifestEntry("disk", type: 1), Part.manifestEntry("net", type: 2),
            Part.manifestEntry("", type: 7, facts: (1, .max)),
        ]
        // Stores to a port, as hypercalls are made, for the inspection to find.
        let code: [UInt8] = [0xBA, 0x01, 0x05, 0, 0, 0x89, 0xF8, 0xEF, 0xF4]
        var aligned = ELFBuilder.guest(text: code)
        aligned.parts[ELFBuilder.GuestPart.data].address = 0x20_0000
        aligned.parts[ELFBuilder.GuestPart.data].alignment = 0x20_0000
        aligned.parts[ELFBuilder.GuestPart.zeros].address = 0x40_0000
        return [
            ELFBuilder.guest(text: code), ELFBuilder.guest(version: 1),
            ELFBuilder.guest(text: code, devices: devices), aligned,
        ].map(\.bytes)
    }

    func run(_ input: [UInt8]) throws -> Verdict {
        try file.replace(with: input)
        inspect()
        do {
            let plan = try HVTPlan(
                image: try HVTImage(path: file.path),
                memorySize: try MemorySize(asked: Self.memorySize), commandLine: Array("line".utf8))
            try check(plan)
            let launch = Launch(options: [], devices: plan.image.manifest)
            let guest = try HVTGuest(plan, launch: launch, in: NoMachine())
            try check(plan, guest.memory)
            return .accepted
        } catch let breach as Breach {
            throw breach
        } catch {
            return .refused
        }
    }

    /// The reports find ways of their own through the file.
    private func inspect() {
        let program = Program(
            registry: {
                let solo5 = HVTKind.running(KnownModule.all) { () throws(HypervisorError) in
                    NoMachine()
                }
                return Registry(
                    modules: [], known: KnownModule.all, kinds: [solo5],
                    backEnd: KVMVCPU.backEnd, tryHypervisor: {})
            }, personas: [], streams: Streams { _, _ in true }, environment: { [] })
        for option in ["--json", "--traits"] {
            _ = program.run(["pinnace", "inspect", option, file.path].map { Argument($0) })
        }
    }

    private func check(_ plan: HVTPlan) throws {
        var end: UInt64 = 0x10_0000
        for segment in plan.segments {
            try promise(
                segment.start >= end && segment.end > segment.start
                    && segment.end <= Self.memorySize, "segments that overlap: \(plan.segments)")
            try promise(
                segment.address >= segment.start
                    && segment.fileSize <= segment.end - segment.address,
                "bytes outside their segment: \(segment)")
            try promise(
                !(segment.isWritable && segment.isExecutable), "writable and executable: \(segment)"
            )
            end = segment.end
        }
    }

    /// Text and read-only data are out of reach of hypercalls.
    private func check(_ plan: HVTPlan, _ memory: GuestMemory) throws {
        for segment in plan.segments where !segment.isWritable {
            let first = try? memory.range(at: GuestAddress(segment.start), count: 1, for: .write)
            try promise(first == nil, "hypercalls could store to \(segment)")
        }
        let tables = try? memory.range(at: GuestAddress(0x2000), count: 8, for: .read)
        try promise(tables == nil, "hypercalls could read page tables")
    }
}
