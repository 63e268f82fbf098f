#if Uhyve
    import Foundation
    import Linux
    import Network
    import TestSupport

    @testable import Tender
    @testable import Uhyve
    @testable import Virtio

    /// The network card of a Hermit guest: registers and queues in memory that changes, with a socket
    /// in place of the tap.
    ///
    /// An input is a byte for the face, and then operations: a byte for the kind, one for the width,
    /// 2 for an offset, 8 for a value.
    final class VirtioTarget: InputTarget {
        static let name = "virtio"

        private static let operationSize = 12
        /// So that inputs are tried quickly.
        private static let mostOperations = 400
        private static let memorySize: UInt64 = 0x20_0000
        /// Where operations store to; queues and buffers of the seeds are here.
        private static let shared: UInt64 = 0x1_0000
        private static let sharedSize = 0x8000
        /// What no chain may lead the device to.
        private static let hidden: UInt64 = 0x18_0000
        private static let marks = [UInt8](repeating: 0x5A, count: 4096)
        private static let mtu: UInt16 = 1500

        private let modern: GuestMemory
        private let legacy: GuestMemory

        init() throws {
            modern = try GuestMemory(
                start: GuestAddress(Self.start(.modern)), count: Self.memorySize)
            legacy = try GuestMemory(count: Self.memorySize)
            for (face, memory) in [(VirtioTransport.modern, modern), (.legacy, legacy)] {
                let place = Self.start(face) + Self.hidden
                try memory.place(Self.marks, at: place)
                memory.restrict(
                    place, place + UInt64(Self.marks.count), isReadable: false, isWritable: false)
            }
        }

        private static func start(_ face: VirtioTransport) -> UInt64 {
            face == .modern ? 0x1_0000_0000 : 0
        }

        private enum Kind: UInt8, CaseIterable {
            case write, read, writeConfiguration, readConfiguration, store, serve, receive, collect
        }

        private struct Operation {
            let kind: Kind
            let width: UInt8
            let offset: Int
            let value: UInt64

            init(_ bytes: ArraySlice<UInt8>) {
                let bytes = Array(bytes)
                kind = Kind.allCases[Int(bytes[0]) % Kind.allCases.count]
                width = bytes[1] & 15
                offset = Int(bytes[2]) | Int(bytes[3]) << 8
                value = bytes[4...].reversed().reduce(0) { $0 << 8 | UInt64($1) }
            }
        }

        func run(_ input: [UInt8]) throws -> Verdict {
            let face: VirtioTransport = (input.first ?? 0) & 1 == 0 ? .modern : .legacy
            let memory = face == .modern ? modern : legacy
            let start = Self.start(face)
            try memory.place([UInt8](repeating: 0, count: Self.sharedSize), at: start + Self.shared)
            let (tap, wire) = try Descriptor.socketPair(SOCK_DGRAM)
            try tap.setBlocking(false)
            try wire.setBlocking(false)
            var device = VirtioDevice(
                face, .networkCard(face), NetworkFacts(mac: [2, 0, 0, 0, 0, 1], mtu: Self.mtu),
                FrameExchange(
                    NetworkBackend(try .duplicate(tap.number), mtu: Self.mtu), face))
            device.connect(to: memory, InterruptLine {})
            for position in stride(from: 1, to: input.count, by: Self.operationSize)
                .prefix(Self.mostOperations)
            {
                let bytes = input[position..<min(input.count, position + Self.operationSize)]
                guard bytes.count == Self.operationSize else { break }
                try perform(Operation(bytes), face, &device, memory, wire)
            }
            let place = try memory.tenderRange(at: start + Self.hidden, count: Self.marks.count)
            try promise(memory.bytes(in: place) == Self.marks, "stores to protected memory")
            return device.takeFault() == nil ? .accepted : .refused
        }

        private func perform(
            _ operation: Operation, _ face: VirtioTransport, _ device: inout VirtioDevice,
            _ memory: GuestMemory, _ wire: Descriptor
        ) throws {
            let port = UInt64(operation.offset & 7)
            let portWidth = min(operation.width, 4)
            let access =
                face == .modern
                ? RegisterAccess(offset: operation.offset & 0xFF, width: operation.width)
                : RegisterAccess(offset: operation.offset & 31, width: portWidth)
            switch operation.kind {
            case .write:
                guard let access else { return }
                device.write(
                    access, face == .modern ? operation.value : operation.value & 0xFFFF_FFFF)
            case .read:
                guard let access else { return }
                _ = device.read(access)
            case .writeConfiguration:
                device.writeConfiguration(
                    operation.value & 0xFFFF_FFFF, at: port, width: portWidth)
            case .readConfiguration: _ = device.readConfiguration(at: port, width: portWidth)
            case .store:
                let offset = UInt64(operation.offset % (Self.sharedSize - 8))
                try memory.place(
                    operation.value, at: memory.start.value + Self.shared + offset)
            case .serve:
                let plan = device.serve(tapIsReady: operation.width & 1 == 1)
                try promise(
                    plan.timeout ?? 0 <= VirtioDevice.Plan.rest,
                    "a rest of \(plan.timeout ?? 0) ns")
            case .receive:
                // A frame for the guest; there may be no room for one.
                _ = try? wire.write([UInt8](repeating: 0xAB, count: operation.offset % 2000))
            case .collect:
                while let frame = try? wire.read(upTo: 0x11000), !frame.isEmpty {
                    // An Ethernet header, and with a tag of 4 bytes (IEEE 802.3).
                    try promise(
                        (14...Int(Self.mtu) + 18).contains(frame.count),
                        "a frame of \(frame.count) bytes")
                }
            }
        }

        // MARK: Inputs

        static var seeds: [[UInt8]] {
            let modern = start(.modern) + shared
            let parts =
                negotiation + queue(0, at: modern) + queue(1, at: modern + 0x3000)
                + write(ModernLayout.common.lowerBound + 20, 1, 15)
            let wholeFrame = chain(at: 0x3000, [(modern + 0x7000, 72)])
            let frameInPieces = chain(at: 0x3000, [(modern + 0x7000, 12), (modern + 0x7100, 60)])
            let configuration =
                operation(.writeConfiguration, 4, 0, 0x8000_0000)
                + operation(.readConfiguration, 4, 4)
                + operation(.writeConfiguration, 4, 0, 0x8000_0010)
                + operation(.writeConfiguration, 4, 4, 0xFFFF_FFFF)
            // Status, address of the queue's first page, selected queue (virtio 4.1.4.8).
            let legacy =
                write(18, 1, 3) + write(14, 2, 0) + write(8, 4, shared >> 12) + write(14, 2, 1)
                + write(8, 4, shared >> 12 + 3) + write(18, 1, 7)
                + room(at: shared + 0x6000) + operation(.receive, 0, 100)
            return [
                [0] + parts + room(at: modern + 0x6000) + wholeFrame + operation(.receive, 0, 100)
                    + service + service,
                [0] + parts + frameInPieces + service, [0] + configuration,
                // A buffer that the device may not touch.
                [0] + parts + room(at: start(.modern) + hidden) + operation(.receive, 0, 100)
                    + service,
                [1] + legacy + service, [1] + configuration + legacy + legacy + service,
            ]
        }

        private static func operation(
            _ kind: Kind, _ width: UInt8 = 0, _ offset: Int = 0, _ value: UInt64 = 0
        ) -> [UInt8] {
            [kind.rawValue, width] + littleEndian(UInt16(offset)) + littleEndian(value)
        }

        private static func write(_ offset: Int, _ width: UInt8, _ value: UInt64) -> [UInt8] {
            operation(.write, width, offset, value)
        }

        private static func store(_ offset: Int, _ value: UInt64) -> [UInt8] {
            operation(.store, 8, offset, value)
        }

        private static let service =
            operation(.serve, 1) + operation(.collect) + operation(.serve)

        /// Status up to FEATURES_OK, with VERSION_1 (virtio 3.1.1 and 4.1.4.3).
        private static var negotiation: [UInt8] {
            let common = ModernLayout.common.lowerBound
            return write(common + 20, 1, 0) + write(common + 20, 1, 3)
                + write(common + 8, 4, 1) + write(common + 12, 4, 1)
                + write(common + 8, 4, 0) + write(common + 12, 4, 0) + write(common + 20, 1, 11)
        }

        /// A queue of 8 with its three parts a page apart.
        private static func queue(_ index: UInt64, at address: UInt64) -> [UInt8] {
            let common = ModernLayout.common.lowerBound
            return write(common + 22, 2, index) + write(common + 24, 2, 8)
                + write(common + 32, 8, address) + write(common + 40, 8, address + 0x1000)
                + write(common + 48, 8, address + 0x2000) + write(common + 28, 2, 1)
        }

        /// One buffer of 2048 bytes to receive into.
        private static func room(at address: UInt64) -> [UInt8] {
            store(0, address) + store(8, 2048 | 2 << 32) + store(0x1000, 1 << 16)
        }

        /// A chain of buffers to send, as the only one of its queue.
        private static func chain(
            at offset: Int, _ pieces: [(address: UInt64, count: UInt64)]
        ) -> [UInt8] {
            var bytes: [UInt8] = []
            for (index, piece) in pieces.enumerated() {
                let next: UInt64 = index + 1 < pieces.count ? 1 << 32 | UInt64(index + 1) << 48 : 0
                bytes += store(offset + index * 16, piece.address)
                bytes += store(offset + index * 16 + 8, piece.count | next)
            }
            return bytes + store(offset + 0x1000, 1 << 16)
        }

        static var words: [[UInt8]] {
            let start = start(.modern)
            return [
                start, start + shared, start + memorySize - 8, start + hidden, start + hidden - 8,
                shared, .max,
            ].map { littleEndian($0) } + [service]
        }
    }
#endif
