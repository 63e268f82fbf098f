#if Net
    import ABI
    import CLinux
    import Linux
    import TenderSupport
    import TestSupport
    import Testing

    @testable import Net
    @testable import Network
    @testable import Tender

    /// The ring as its worker serves it while frames are at hand for the guest, of what a tap with
    /// offloads has delivered.
    @Suite struct AtHandTests {
        private static let address = GuestAddress(0x8_0000)
        private static let plain = [UInt8](repeating: 0, count: VirtioHeader.size)
        private static let acknowledgement = TCPSegment().frame()
        private static let segment = TCPSegment {
            $0.payload = (0..<3000).map { UInt8(truncatingIfNeeded: $0) }
            $0.flags = 16 | 8
        }

        private let wire: Wire
        private let memory: GuestMemory
        private let service: RingService

        /// With a super-frame of three frames, of which the guest has got the first.
        init() throws {
            wire = try Wire(__socket_type(SOCK_SEQPACKET.rawValue | SOCK_NONBLOCK.rawValue))
            memory = try GuestMemory(count: 1 << 20)
            let tap = try FileDescriptor(owning: wire.guestEnd)
            service = RingService([
                nil, NetworkBackend(tap, mtu: 1500, virtioHeader: VirtioHeader.size),
            ])
            var header = VirtioHeader()
            header.segmentation = .tcpIPv4
            header.needsChecksum = true
            header.segmentSize = 1000
            header.checksumStart = UInt16(Self.segment.transport)
            header.checksumOffset = 16
            var bytes = Self.plain
            header.store(in: &bytes)
            #expect(wire.send(bytes + Self.segment.frame(isPartial: true)))
            try serve(reads: 1)
        }

        private func index(_ offset: Int32) throws -> UInt32 {
            try memory.load(UInt32.self, at: GuestAddress(Self.address.value + UInt64(offset)))
        }

        private func submit(_ operation: Int32, _ count: Int, at data: UInt64 = 0x4000) throws {
            let tail = try index(HVT_RING_ENT_TAIL_OFFSET)
            try memory.store(
                hvt_ring_entry(
                    operation: UInt32(bitPattern: operation), handle: 1, data: data,
                    len: UInt32(count), id: 0, reserved: 0),
                at: Self.address, offset: HVT_RING_ENTRIES_OFFSET + Int32(tail) * 32)
            try memory.store(tail + 1, at: Self.address, offset: HVT_RING_ENT_TAIL_OFFSET)
        }

        /// Has an acknowledgement sent if it is wanted, and then so many frames read, whose sizes must be
        /// those of the super-frame's.
        private func serve(acknowledges: Bool = false, reads: Int) throws {
            if acknowledges {
                try memory.place(Self.acknowledgement, at: 0x4000)
                try submit(HVT_RING_NET_WRITE, Self.acknowledgement.count)
            }
            for _ in 0..<reads { try submit(HVT_RING_NET_READ, 2048) }
            let count = try service.serve(Self.address, memory, at: .watch)
            #expect(count == UInt32(reads + (acknowledges ? 1 : 0)))
            for _ in 0..<reads {
                let head = try index(HVT_RING_COM_HEAD_OFFSET)
                #expect(try head < index(HVT_RING_COM_TAIL_OFFSET))
                let place = HVT_RING_COMMITS_OFFSET + Int32(head) * 16
                #expect(try index(place + 4) == UInt32(HVT_RESULT_OK))
                #expect(try index(place + 8) == UInt32(Self.segment.headerSize + 1000))
                try memory.store(head + 1, at: Self.address, offset: HVT_RING_COM_HEAD_OFFSET)
            }
        }

        @Test("What the guest sends is sent, whether it reads after that or not", arguments: 0...2)
        func sends(reads: Int) throws {
            try serve(acknowledges: true, reads: reads)
            #expect(wire.receive() == Self.plain + Self.acknowledgement)
            try serve(reads: 2 - reads)
            #expect(wire.receive() == nil)
        }

        @Test("What was sent before a fault is sent")
        func fault() throws {
            try memory.place(Self.acknowledgement, at: 0x4000)
            try submit(HVT_RING_NET_WRITE, Self.acknowledgement.count)
            try submit(HVT_RING_NET_READ, 2048, at: 1 << 20)
            #expect(throws: GuestFault.self) {
                try service.serve(Self.address, memory, at: .watch)
            }
            #expect(wire.receive() == Self.plain + Self.acknowledgement)
        }
    }
#endif
