#if Net
    import ABI
    import Foundation
    import Linux
    import Network
    import TestSupport

    @testable import Net
    @testable import Tender

    /// The network ring of an hvt guest, in memory of any kind, with a socket in place of the tap.
    ///
    /// An input is a sequence of stores to the ring and kicks: 2 bytes for the place in the ring, 4
    /// for the value; a place past the ring is a kick.
    final class RingTarget: InputTarget {
        static let name = "net-ring"

        private static let size = 6
        private static let mostSteps = 400
        private static let mtu: UInt16 = 1500
        private static let ring = GuestAddress(0x1_0000)
        private static let ringSize = MemoryLayout<hvt_ring>.size
        /// What no entry may lead the host to.
        private static let hidden: UInt64 = 0x4000
        private static let marks = [UInt8](repeating: 0x5A, count: 4096)

        private let memory: GuestMemory

        init() throws {
            memory = try GuestMemory(count: 1 << 20)
            try memory.place(Self.marks, at: Self.hidden)
            memory.restrict(
                Self.hidden, Self.hidden + UInt64(Self.marks.count), isReadable: false,
                isWritable: false)
        }

        func run(_ input: [UInt8]) throws -> Verdict {
            try memory.place([UInt8](repeating: 0, count: Self.ringSize), at: Self.ring.value)
            let (tap, wire) = try Descriptor.socketPair(SOCK_DGRAM)
            try tap.setBlocking(false)
            try wire.setBlocking(false)
            let backend = NetworkBackend(try .duplicate(tap.number), mtu: Self.mtu)
            let service = RingService([nil, backend])
            try Ring.want(kicks: true, Self.ring, memory)
            var verdict = Verdict.accepted
            for start in stride(from: 0, to: input.count, by: Self.size).prefix(Self.mostSteps) {
                let step = Array(input[start..<min(input.count, start + Self.size)])
                guard step.count == Self.size else { break }
                let place = Int(step[0]) | Int(step[1]) << 8
                let value = step[2...].reversed().reduce(0) { $0 << 8 | UInt32($1) }
                if place + 4 <= Self.ringSize {
                    try memory.store(value, at: Self.ring, offset: Int32(place))
                } else if !(try kick(service, wire)) {
                    verdict = .refused
                }
            }
            let range = try memory.tenderRange(at: Self.hidden, count: Self.marks.count)
            try promise(memory.bytes(in: range) == Self.marks, "stores to protected memory")
            return verdict
        }

        /// - Returns: whether the guest would go on.
        private func kick(_ service: RingService, _ wire: Descriptor) throws -> Bool {
            _ = try? wire.write([UInt8](repeating: 0xAB, count: 700))
            let result = Result { try service.serve(Self.ring, memory, at: .kick) }
            while let frame = try? wire.read(upTo: 0x11000), !frame.isEmpty {
                // An Ethernet header, and with a tag of 4 bytes (IEEE 802.3).
                try promise(
                    (14...Int(Self.mtu) + 18).contains(frame.count),
                    "a frame of \(frame.count) bytes")
            }
            return (try? result.get()) != nil
        }

        // MARK: Inputs

        static var seeds: [[UInt8]] {
            let kick = step(0xFFFF, 0)
            func entry(_ slot: Int32, _ operation: Int32, _ data: UInt32, _ count: UInt32)
                -> [UInt8]
            {
                let place = HVT_RING_ENTRIES_OFFSET + slot * 32
                return step(place, UInt32(operation)) + step(place + 4, 1) + step(place + 8, data)
                    + step(place + 16, count) + step(place + 20, 9)
            }
            let tail = step(HVT_RING_ENT_TAIL_OFFSET, 1)
            let two = step(HVT_RING_ENT_TAIL_OFFSET, 2)
            let read = entry(0, HVT_RING_NET_READ, 0x8000, 2048)
            let write = entry(1, HVT_RING_NET_WRITE, 0x8000, 60)
            return [
                read + tail + kick, read + write + two + kick,
                read + tail + kick + step(HVT_RING_COM_HEAD_OFFSET, 1) + write + two + kick + kick,
                entry(0, HVT_RING_NET_READ, UInt32(hidden), 2048) + tail + kick,
                entry(0, HVT_RING_NET_READ, 0x3F00, 512) + tail + kick,
                step(HVT_RING_ENT_TAIL_OFFSET, 1024) + kick,
            ]
        }

        private static func step(_ place: Int32, _ value: UInt32) -> [UInt8] {
            littleEndian(UInt16(truncatingIfNeeded: place)) + littleEndian(value)
        }

        static var words: [[UInt8]] {
            [1024, 1025, .max, UInt32(hidden), 0xF_FFF0, 65536].map { littleEndian($0) }
                + [step(0xFFFF, 0)]
        }
    }
#endif
