#if Net
    import ABI
    import Linux
    import Synchronization
    import TenderSupport
    import Testing

    @testable import Net
    @testable import Tender

    /// The network ring, without a hypervisor: the test is the guest.
    @Suite struct RingTests {
        private static let address = GuestAddress(0x8_0000)
        private static let slots = UInt32(HVT_RING_SLOTS)

        private let wire: Wire
        private let guest: Guest
        private let ring: SharedRing

        init() throws {
            wire = try Wire()
            guest = try Guest(["net:eth": wire.option, "net-ring": "on"])
            ring = try #require(guest.launch.ring)
            try ring.prepare(Self.address, guest.memory)
        }

        // MARK: The guest's side

        private func index(_ offset: Int32) throws -> UInt32 {
            try guest.memory.load(
                UInt32.self, at: GuestAddress(Self.address.value + UInt64(offset)))
        }

        private func setIndex(_ offset: Int32, _ value: UInt32) throws {
            try guest.memory.store(value, at: Self.address, offset: offset)
        }

        private func submit(
            _ operation: Int32, handle: UInt32 = 1, at data: GuestAddress = Guest.buffer,
            _ count: UInt32, id: UInt32 = 7
        ) throws {
            let tail = try index(HVT_RING_ENT_TAIL_OFFSET)
            try guest.memory.store(
                hvt_ring_entry(
                    operation: UInt32(bitPattern: operation), handle: handle, data: data.value,
                    len: count, id: id, reserved: 0xDEAD),
                at: Self.address, offset: HVT_RING_ENTRIES_OFFSET + Int32(tail % Self.slots) * 32)
            try setIndex(HVT_RING_ENT_TAIL_OFFSET, tail &+ 1)
        }

        private func kick() throws { try ring.serve(Self.address, guest.memory) }

        /// The next commit; nil if there is none.
        private func commit() throws -> [UInt32]? {
            let head = try index(HVT_RING_COM_HEAD_OFFSET)
            guard head != (try index(HVT_RING_COM_TAIL_OFFSET)) else { return nil }
            try setIndex(HVT_RING_COM_HEAD_OFFSET, head &+ 1)
            let place = HVT_RING_COMMITS_OFFSET + Int32(head % Self.slots) * 16
            return try (0..<4).map { try index(place + $0 * 4) }
        }

        private func read(_ count: UInt32 = 2048, handle: UInt32 = 1) throws -> [UInt32]? {
            try submit(HVT_RING_NET_READ, handle: handle, count)
            try kick()
            return try commit()
        }

        // MARK: Service

        @Test func itAlwaysWantsToBeKicked() throws {
            #expect(try index(HVT_RING_NEEDS_KICK_OFFSET) == 1)
            _ = try read()
            #expect(try index(HVT_RING_NEEDS_KICK_OFFSET) == 1)
        }

        @Test func framesBothWays() throws {
            try guest.fill(frame(1514))
            for count: UInt32 in [14, 60, 1514] { try submit(HVT_RING_NET_WRITE, count) }
            try kick()
            for count in [14, 60, 1514] { #expect(wire.receive() == frame(count)) }
            #expect(try index(HVT_RING_ENT_HEAD_OFFSET) == 3)
            // Writes are not answered.
            #expect(try commit() == nil)

            #expect(wire.send(frame(100, tag: 2)))
            #expect(try read() == [7, UInt32(HVT_RESULT_OK), 100, 0])
            #expect(try guest.bytes(100) == frame(100, tag: 2))
            #expect(try read() == [7, UInt32(HVT_RESULT_AGAIN), 0, 0])
        }

        /// With writes between them; each read has one answer, in order.
        @Test func severalRequestsInOneKick() throws {
            for tag in 1...3 as ClosedRange<UInt8> { #expect(wire.send(frame(60, tag: tag))) }
            for id in 0..<4 as Range<UInt32> {
                try submit(
                    HVT_RING_NET_READ, at: GuestAddress(0x2000 + UInt64(id) * 0x1000), 2048, id: id)
                try submit(HVT_RING_NET_WRITE, 60)
            }
            try kick()
            for id in 0..<3 as Range<UInt32> {
                #expect(try commit() == [id, UInt32(HVT_RESULT_OK), 60, 0])
            }
            #expect(try commit() == [3, UInt32(HVT_RESULT_AGAIN), 0, 0])
            #expect(try commit() == nil)
            // Sent after the first read had filled its buffer.
            #expect(wire.receive() == frame(60, tag: 1))
        }

        /// More often than there are slots.
        @Test func indicesGoRoundAndRound() throws {
            for _ in 0..<(Self.slots * 2 + 3) {
                #expect(try read(0) == [7, UInt32(HVT_RESULT_AGAIN), 0, 0])
            }
            #expect(try index(HVT_RING_ENT_HEAD_OFFSET) == Self.slots * 2 + 3)
        }

        @Test func theOtherEndHasGone() throws {
            wire.closeHostEnd()
            try submit(HVT_RING_NET_WRITE, 60)
            try kick()
            #expect(try index(HVT_RING_ENT_HEAD_OFFSET) == 1)
        }

        // MARK: Options

        @Test func isOfferedByOption() throws {
            func offer(_ options: KeyValuePairs<String, String>) throws -> SharedRing.Offer? {
                try Guest(options).launch.ring?.offer
            }
            #expect(try offer(["net:eth": Wire().option]) == .toGuestsThatKnowIt)
            #expect(
                try offer(["net:eth": Wire().option, "net-ring": "auto"]) == .toGuestsThatKnowIt)
            #expect(
                try offer(["net:eth": Wire().option, "net-ring": "sync"]) == .toGuestsThatKnowIt)
            #expect(try offer(["net-ring": "on", "net:eth": Wire().option]) == .toAll)
            #expect(try offer(["net:eth": Wire().option, "net-ring": "off"]) == nil)
            #expect(try offer(["net:eth": Wire().option, "no-net-ring": ""]) == nil)
            // The last counts.
            #expect(
                try offer(["no-net-ring": "", "net-ring": "on", "net:eth": Wire().option]) == .toAll
            )
            // Without a network, there is no ring.
            #expect(try offer(["net-ring": "on"]) == nil)
            #expect(refusal(["net-ring": "thread"])?.text.contains("auto, on, sync or off") == true)
        }

        // MARK: Misuse

        @Test(
            "attack 05: handles of no network in the ring", arguments: [0, 2, 64, .max] as [UInt32])
        func handles(_ handle: UInt32) throws {
            #expect(wire.send(frame(60)))
            #expect(try read(handle: handle) == [7, UInt32(HVT_RESULT_INVALID), 0, 0])
            try submit(HVT_RING_NET_WRITE, handle: handle, at: GuestAddress(.max), 60)
            try kick()
            #expect(wire.receive() == nil)
        }

        @Test(
            "attack 08: frames of impossible sizes in the ring",
            arguments: [0, 13, 1519, .max] as [UInt32])
        func sizes(_ count: UInt32) throws {
            try submit(HVT_RING_NET_WRITE, at: GuestAddress(.max), count)
            try kick()
            #expect(wire.receive() == nil)
        }

        @Test(
            "attack 10: buffers of a network ring outside memory",
            arguments: [1 << 20, (1 << 20) - 59, 1 << 63, .max - 30] as [UInt64])
        func buffers(_ address: UInt64) throws {
            let data = GuestAddress(address)
            for operation in [HVT_RING_NET_READ, HVT_RING_NET_WRITE] {
                try submit(operation, at: data, 60)
                #expect(throws: GuestFault.access(address: data, count: 60)) { try kick() }
            }
        }

        @Test(
            "attack 11: a network ring that claims more than it holds",
            arguments: [1025, 1 << 31, .max] as [UInt32])
        func tail(_ tail: UInt32) throws {
            try setIndex(HVT_RING_ENT_TAIL_OFFSET, tail)
            #expect(throws: GuestFault.ring(count: tail, capacity: 1024)) { try kick() }
            #expect(try index(HVT_RING_ENT_HEAD_OFFSET) == 0)
        }

        /// One kick is at most 1024 requests.
        @Test("attack 11: a network ring that is full")
        func full() throws {
            for id in 0..<Self.slots { try submit(HVT_RING_NET_READ, 0, id: id) }
            try kick()
            #expect(try index(HVT_RING_ENT_HEAD_OFFSET) == Self.slots)
            // There is no room for another answer, and none is overwritten.
            try submit(HVT_RING_NET_READ, 0, id: 5000)
            #expect(throws: GuestFault.ring(count: 1024, capacity: 1024)) { try kick() }
            for id in 0..<Self.slots { #expect(try commit()?.first == id) }
            #expect(try commit() == nil)
        }

        @Test(
            "attack 10: a network ring with indices that go back",
            arguments: [1, 9, .max] as [UInt32])
        func commitHead(_ head: UInt32) throws {
            try setIndex(HVT_RING_COM_HEAD_OFFSET, head)
            try submit(HVT_RING_NET_READ, 0)
            // Past what was posted; behind by one is nothing unusual.
            if head == .max { try kick() } else { #expect(throws: GuestFault.self) { try kick() } }
        }

        @Test("attack 10: the host's own indices in a network ring, rewritten")
        func rewritten() throws {
            #expect(wire.send(frame(60)))
            try setIndex(HVT_RING_ENT_HEAD_OFFSET, 0xDEAD)
            try setIndex(HVT_RING_COM_TAIL_OFFSET, 0xBEEF)
            try submit(HVT_RING_NET_READ, 2048)
            try kick()
            #expect(try index(HVT_RING_ENT_HEAD_OFFSET) == 1)
            #expect(try commit() == [7, UInt32(HVT_RESULT_OK), 60, 0])
        }

        private final class Flag: Sendable {
            let isSet = Atomic(false)
        }

        /// As a second processor would do it. What counts was fetched once.
        @Test("attack 10: a network ring that changes while it is served")
        func changes() throws {
            // Each with a ring from its start: one that went wrong is not served again.
            for _ in 0..<50 { try RingTests().serveWhileItChanges() }
        }

        private func serveWhileItChanges() throws {
            let memory = guest.memory
            let marks = [UInt8](repeating: 0xA5, count: 0x1000)
            try memory.place(marks, at: 0x4000)
            memory.restrict(0x4000, 0x5000, isReadable: true, isWritable: false)
            // Few enough for the socket to hold.
            for _ in 0..<4 { #expect(wire.send(frame(1000))) }
            let isOver = Flag()
            let other = try Linux.Thread.start {
                let entries = HVT_RING_ENTRIES_OFFSET
                while !isOver.isSet.load(ordering: .relaxed) {
                    for (data, count) in [
                        (0x2000, 512), (0x3F00, 4096), (0x3F00, 256), (.max, .max),
                    ] as [(UInt64, UInt32)] {
                        for slot in 0..<4 as Range<Int32> {
                            let place = entries + slot * 32
                            try? memory.store(UInt32(2), at: Self.address, offset: place)
                            try? memory.store(UInt32(1), at: Self.address, offset: place + 4)
                            try? memory.store(data, at: Self.address, offset: place + 8)
                            try? memory.store(count, at: Self.address, offset: place + 16)
                        }
                    }
                }
            }
            for tail in 1...4 as ClosedRange<UInt32> {
                try setIndex(HVT_RING_ENT_TAIL_OFFSET, tail)
                _ = try? kick()
            }
            isOver.isSet.store(true, ordering: .relaxed)
            other.join()
            let range = try memory.tenderRange(at: 0x4000, count: marks.count)
            #expect(memory.bytes(in: range) == marks)
        }
    }
#endif
