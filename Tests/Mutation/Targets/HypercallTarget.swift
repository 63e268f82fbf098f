import ABI
import BuiltIn
import CLinux
import Foundation
import Linux
import TestSupport

@testable import HVT
@testable import Tender

#if Puts
    @testable import Puts
#endif

/// Hypercalls of an hvt guest, to the modules that were built in, with two disks and a network.
///
/// An input is a sequence of calls: a byte for the number, 8 for the argument's address, 40 for the
/// argument.
final class HypercallTarget: InputTarget {
    static let name = "hypercalls"

    private static let callSize = 49
    private static let memorySize: UInt64 = 1 << 20
    /// What the guest can't reach, and what it can only read.
    private static let hidden: Range<UInt64> = 0..<0x1000
    private static let readOnly: Range<UInt64> = 0x8000..<0x9000
    private static let diskSize = 1 << 16
    /// What fills memory that must stay as it is: nothing that could come from a disk or a network.
    private static let marks = [UInt8](repeating: 0xA5, count: readOnly.count)
    private static let contents = [UInt8](repeating: 0x5A, count: diskSize)

    private let memory: GuestMemory
    private let dispatch: DispatchTable
    private let directory: TemporaryDirectory
    private let sink: Descriptor
    #if Net
        private let hostEnd: Descriptor
    #endif

    init() throws {
        directory = try TemporaryDirectory()
        sink = try Descriptor(opening: "/dev/null", O_WRONLY)
        var options: [OptionValue] = []
        #if Block
            for (option, device) in [("block", "disk"), ("block-ro", "rom")] {
                let path = try directory.write(Self.contents, to: device)
                options.append(OptionValue(name: option, device: device, value: path))
            }
        #endif
        #if Net
            let (guestEnd, hostEnd) = try Descriptor.socketPair(SOCK_SEQPACKET)
            self.hostEnd = hostEnd
            try hostEnd.setBlocking(false)
            // Without close-on-exec, as what a parent process passes on. The module closes it.
            let number = try attempt { dup(guestEnd.number) }
            options.append(OptionValue(name: "net", device: "net", value: "@\(number)"))
        #endif
        memory = try GuestMemory(count: Self.memorySize)
        dispatch = try Self.launch(options, console: sink.number).dispatch
        for range in [Self.hidden, Self.readOnly] {
            try memory.place(Self.marks, at: range.lowerBound)
            memory.restrict(
                range.lowerBound, range.upperBound, isReadable: range == Self.readOnly,
                isWritable: false)
        }
    }

    private static func launch(_ options: [OptionValue], console: Int32) throws -> Launch {
        let hasNetwork = options.contains { $0.name == "net" }
        var launch = Launch(
            options: options,
            devices: ApplicationManifest(devices: [
                ManifestEntry(name: "disk", type: .block), ManifestEntry(name: "rom", type: .block),
                ManifestEntry(name: "net", type: .net),
            ]))
        for module in BuiltIn.modules where module.manifest.guests == HVTKind.name {
            switch module.manifest.name {
            // With a console of its own, below.
            case "puts": break
            // Without a device that is ready, a guest would wait as long as it likes.
            case "poll" where !hasNetwork: break
            default: try module.make().attach(to: &launch)
            }
        }
        #if Puts
            try PutsModule(descriptor: console, patience: 0).attach(to: &launch)
        #endif
        return launch
    }

    // MARK: Inputs

    static var seeds: [[UInt8]] {
        let buffer: UInt64 = 0x2_0000
        func call(_ number: Int32, at address: UInt64 = 0x1_0000, _ words: UInt64...) -> [UInt8] {
            let argument = words.flatMap(littleEndian) + [UInt8](repeating: 0, count: 40)
            return [UInt8(number)] + littleEndian(address) + argument.prefix(40)
        }
        func block(_ number: Int32, _ handle: UInt64, _ offset: UInt64, _ count: UInt64) -> [UInt8]
        {
            call(number, handle, offset, buffer, count)
        }
        let basic = [
            call(HVT_HYPERCALL_WALLTIME), call(HVT_HYPERCALL_PUTS, buffer, 80),
            call(HVT_HYPERCALL_PUTS, at: readOnly.lowerBound, 0),
            call(HVT_HYPERCALL_POLL, 1_000_000),
            call(HVT_HYPERCALL_POLL, at: memorySize - 24, .max),
        ]
        let blocks = [
            block(HVT_HYPERCALL_BLOCK_WRITE, 1, 512, 512),
            block(HVT_HYPERCALL_BLOCK_READ, 2, 0xFE00, 512),
            block(HVT_HYPERCALL_BLOCK_READ, 1, 0, 0x1_0000),
            block(HVT_HYPERCALL_BLOCK_WRITE, 2, 0, 512),
        ]
        let frames = [
            call(HVT_HYPERCALL_NET_WRITE, 3, buffer, 60),
            call(HVT_HYPERCALL_NET_READ, 3, buffer, 1514),
            call(HVT_HYPERCALL_NET_WRITE, 3, readOnly.lowerBound, 1518),
        ]
        let end = [call(HVT_HYPERCALL_HALT, buffer, 3)]
        let forbidden = [hidden, readOnly].flatMap { range in
            let start = range.lowerBound
            return [
                call(HVT_HYPERCALL_BLOCK_READ, 1, 0, start + 256, 512),
                call(HVT_HYPERCALL_NET_READ, 3, start, 1514),
                call(HVT_HYPERCALL_WALLTIME, at: start), call(HVT_HYPERCALL_POLL, at: start, 0),
            ]
        }
        return (basic + blocks + frames + end + forbidden)
            + [basic, blocks, frames, end].map { Array($0.joined()) }
    }

    func run(_ input: [UInt8]) throws -> Verdict {
        let verdict = serve(input)
        for range in [Self.hidden, Self.readOnly] {
            let bytes = memory.bytes(
                in: try memory.tenderRange(at: range.lowerBound, count: range.count))
            try promise(
                bytes == Self.marks,
                "hypercalls stored to protected memory")
        }
        try checkDisks()
        #if Net
            while !(try hostEnd.read(upTo: 2048).isEmpty) {}
        #endif
        return verdict
    }

    private func serve(_ input: [UInt8]) -> Verdict {
        let most = 64
        for start in stride(from: 0, to: input.count, by: Self.callSize).prefix(most) {
            let call = Array(input[start..<min(input.count, start + Self.callSize)])
            guard call.count == Self.callSize else { return .refused }
            let address = GuestAddress(
                call[1..<9].reversed().reduce(0) { $0 << 8 | UInt64($1) })
            // Otherwise the argument is what is there.
            try? memory.store(Array(call[9...]), at: address)
            #if Net
                // Something to read, and for a wait to end at once.
                _ = try? hostEnd.write([UInt8](repeating: 1, count: 60))
            #endif
            guard let outcome = try? dispatch.serve(Int(call[0]), argument: address, memory: memory)
            else { return .refused }
            if case .halt = outcome { break }
        }
        return .accepted
    }

    private func checkDisks() throws {
        #if Block
            for name in ["disk", "rom"] {
                let size = try FileDescriptor.open(directory.path(name), O_RDONLY).capacity()
                try promise(size == UInt64(Self.diskSize), "\(name) has \(size) bytes")
            }
            let rom = try FileDescriptor.open(directory.path("rom"), O_RDONLY)
            let bytes = try rom.read(at: 0, count: Self.diskSize)
            try promise(bytes == Self.contents, "a read-only disk was written to")
        #endif
    }
}
