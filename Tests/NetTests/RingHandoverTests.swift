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

    /// The network ring and its worker, without a hypervisor: the test is the guest and its vCPU's
    /// thread, with a tap that has offloads.
    @Suite(.serialized) final class RingHandoverTests {
        private static let address = GuestAddress(0x8_0000)

        private let wire: Wire
        private let guest: Guest
        private let service: RingService
        private let handover: RingHandover
        private let devices = DeviceLock()
        private let threads = GuestThreads()
        private let hold: Hold
        private var tail: UInt32 = 0
        private var head: UInt32 = 0

        init() throws {
            wire = try Wire()
            guest = try Guest(["net:eth": wire.option, "net-ring": "off"])
            let descriptor = try FileDescriptor.duplicate(wire.guestEnd)
            let device = NetworkBackend(
                descriptor, mtu: 1500, virtioHeader: VirtioHeader.size)
            try Ring.want(kicks: true, Self.address, guest.memory)
            service = RingService([nil, device])
            let handover = try RingHandover(
                service, Self.address, guest.memory, devices)
            self.handover = handover
            threads.addVCPU(requestExit: {})
            threads.add(Worker("the network ring") { handover.work($0) })
            hold = threads.makeHold()
            try threads.start()
            threads.release()
        }

        deinit {
            handover.timer.stop()
            threads.stop()
        }

        // MARK: The tap's other side

        private static let plain = [UInt8](repeating: 0, count: VirtioHeader.size)

        private func send(_ frame: [UInt8]) -> Bool { wire.send(Self.plain + frame) }

        private func receive() -> [UInt8]? {
            wire.receive().map { Array($0.dropFirst(Self.plain.count)) }
        }

        // MARK: The guest's side

        private func index(_ offset: Int32) throws -> UInt32 {
            try guest.memory.loadAcquiring(
                UInt32.self, at: GuestAddress(Self.address.value + UInt64(offset)))
        }

        private var isKickWanted: Bool {
            get throws { try index(HVT_RING_NEEDS_KICK_OFFSET) == 1 }
        }

        private func submit(
            _ operation: Int32, at data: GuestAddress = Guest.buffer, _ count: UInt32
        ) throws {
            let slot = tail % UInt32(HVT_RING_SLOTS)
            try guest.memory.store(
                hvt_ring_entry(
                    operation: UInt32(bitPattern: operation), handle: 1, data: data.value,
                    len: count, id: tail, reserved: 0),
                at: Self.address, offset: HVT_RING_ENTRIES_OFFSET + Int32(slot) * 32)
            tail &+= 1
            try guest.memory.storeReleasing(
                tail, at: GuestAddress(Self.address.value + UInt64(HVT_RING_ENT_TAIL_OFFSET)))
        }

        /// The answer to the read that was submitted before; waits for it.
        private func commit() throws -> [UInt32] {
            var looks = 0
            while try index(HVT_RING_COM_TAIL_OFFSET) == head {
                looks += 1
                guard looks > 1000 else { continue }
                try eventually("the ring is served") { try index(HVT_RING_COM_TAIL_OFFSET) != head }
            }
            let place = HVT_RING_COMMITS_OFFSET + Int32(head % UInt32(HVT_RING_SLOTS)) * 16
            head &+= 1
            try guest.memory.store(head, at: Self.address, offset: HVT_RING_COM_HEAD_OFFSET)
            return try (0..<3).map { try index(place + $0 * 4) }
        }

        /// What a guest does for a frame: it kicks if it has to.
        private func read() throws -> [UInt32] {
            try submit(HVT_RING_NET_READ, 2048)
            if try isKickWanted { try handover.kicked() }
            return try commit()
        }

        /// Reads, and so kicks, until the worker has the ring and is held, so that it keeps it.
        private func handOver() throws {
            try eventually("the ring is handed over") {
                for _ in 0..<4096 {
                    _ = try read()
                    guard try !isKickWanted else { continue }
                    hold.pause()
                    #expect(hold.waitUntilStill())
                    if handover.isHandedOver { return true }
                    hold.resume()
                }
                return false
            }
            #expect(try !isKickWanted)
        }

        // MARK: Turns

        @Test func fewKicksStayWithTheVCPU() throws {
            for _ in 0..<7 { _ = try read() }
            for _ in 0..<1000 { try handover.kicked() }
            usleep(10_000)
            #expect(try isKickWanted)
        }

        @Test func theWorkerServesWithoutKicksAndHandsBack() throws {
            try handOver()
            #expect(send(frame(100, tag: 3)))
            hold.resume()
            try submit(HVT_RING_NET_READ, 2048)
            // By the worker; or it was handed back meanwhile, and this one's kick was wanted.
            if try isKickWanted { try handover.kicked() }
            #expect(try commit() == [tail - 1, UInt32(HVT_RESULT_OK), 100])
            #expect(try guest.bytes(100) == frame(100, tag: 3))
            try eventually("it is handed back") { (try? isKickWanted) == true }
            // Now by kicks again.
            #expect(send(frame(60)))
            #expect(try read() == [tail - 1, UInt32(HVT_RESULT_OK), 60])
        }

        /// Frames keep their order, and none is lost, whoever serves.
        @Test func manyTurns() throws {
            for number in 0..<2000 {
                let bytes = frame(60 + number % 200, tag: UInt8(number % 251))
                if number.isMultiple(of: 3) {
                    #expect(send(bytes))
                    #expect(try read()[1...] == [UInt32(HVT_RESULT_OK), UInt32(bytes.count)])
                    #expect(try guest.bytes(bytes.count) == bytes)
                } else {
                    try guest.fill(bytes, at: GuestAddress(0x4000))
                    try submit(HVT_RING_NET_WRITE, at: GuestAddress(0x4000), UInt32(bytes.count))
                    if try isKickWanted { try handover.kicked() }
                    var received: [UInt8]?
                    try eventually("it is sent") {
                        received = receive()
                        return received != nil
                    }
                    #expect(received == bytes)
                }
                // Turns end.
                if number.isMultiple(of: 100) { usleep(2000) }
            }
        }

        /// The average decides how long the worker looks.
        @Test func serviceIsTimed() {
            #expect(handover.serviceTime == 2_000)
            // A kick during which another thread had the CPU for long.
            handover.noteService(10_000_000_000)
            #expect(handover.serviceTime == 2_750)
            for _ in 0..<40 { handover.noteService(50_000) }
            #expect((45_000...50_000).contains(handover.serviceTime))
            for _ in 0..<40 { handover.noteService(10_000_000) }
            #expect(handover.serviceTime == 100_000)
            for _ in 0..<100 { handover.noteService(0) }
            #expect(handover.serviceTime == 2_000)
        }

        // MARK: Segments that others may follow

        private static let segments = TCPSegment {
            $0.payload = (0..<4200).map { UInt8(truncatingIfNeeded: $0 * 7) }
        }.cut(every: 1400).map { $0.frame() }

        /// Puts the first segments into the ring, while the worker has it and is held.
        private func submitSegments(_ count: Int) throws {
            for (index, segment) in Self.segments.prefix(count).enumerated() {
                let place = GuestAddress(0x4000 + UInt64(index) * 0x1000)
                try guest.fill(segment, at: place)
                try submit(HVT_RING_NET_WRITE, at: place, UInt32(segment.count))
            }
            #expect(receive() == nil)
        }

        /// The payload of what comes out at the tap's other side.
        private func payload() throws -> [UInt8] {
            var frame: [UInt8]?
            try eventually("it is sent") {
                frame = receive()
                return frame != nil
            }
            return frame.map { Array($0.dropFirst(54)) } ?? []
        }

        @Test("The worker sends what nothing follows, joined")
        func nothingFollows() throws {
            try handOver()
            try submitSegments(3)
            hold.resume()
            #expect(try payload() == Self.segments.flatMap { $0.dropFirst(54) })
        }

        @Test("They go where the worker gets no CPU")
        func interruption() throws {
            try handOver()
            try submitSegments(2)
            // As if the worker had got as far as this.
            try devices.withLock { _ = try service.serve(Self.address, guest.memory, at: .watch) }
            #expect(receive() == nil)
            try handover.interrupted()
            #expect(try payload() == Self.segments[..<2].flatMap { $0.dropFirst(54) })
        }

        // MARK: What goes wrong

        /// The timer's signals would call `interrupted`.
        @Test func aWorkerThatDoesNotRunLosesTheRing() throws {
            try handOver()
            try submit(HVT_RING_NET_READ, 2048)
            try eventually("it is taken back") {
                try? handover.interrupted()
                return !handover.isHandedOver
            }
            #expect(try isKickWanted)
            #expect(try commit() == [tail - 1, UInt32(HVT_RESULT_AGAIN), 0])
            hold.resume()
            // It wakes up to nothing.
            #expect(try read() == [tail - 1, UInt32(HVT_RESULT_AGAIN), 0])
        }

        /// Contention is soon forgotten: what a turn has cost counts, not how many were lost.
        @Test func itGetsTheRingAgain() throws {
            for turn in 0..<6 {
                if turn > 0 { hold.resume() }
                try handOver()
                try submit(HVT_RING_NET_READ, 2048)
                try eventually("it is taken back") {
                    try? handover.interrupted()
                    return !handover.isHandedOver
                }
                _ = try commit()
            }
            // The worker is held, and leaves the bell as it is.
            usleep(1_000_000)
            var bell = pollfd(fd: handover.bellNumber, events: Int16(POLLIN), revents: 0)
            var count: UInt64 = 0
            if poll(&bell, 1, 0) == 1 {
                #expect(CLinux.read(handover.bellNumber, &count, 8) == 8)
            }
            for _ in 0..<1024 { _ = try read() }
            #expect(poll(&bell, 1, 0) == 1)
            hold.resume()
            try handOver()
        }

        @Test func aGuestThatWaitsForNothingKeepsItsWorker() throws {
            try handOver()
            for _ in 0..<5 {
                usleep(2000)
                try handover.interrupted()
            }
            #expect(handover.isHandedOver)
        }

        @Test("attack 10: a buffer outside memory in a network ring that a worker serves")
        func aFaultIsTheVCPUs() throws {
            let nowhere = GuestAddress(1 << 40)
            try handOver()
            try submit(HVT_RING_NET_WRITE, at: nowhere, 60)
            hold.resume()
            var fault: GuestFault?
            try eventually("it is reported") {
                do throws(GuestFault) {
                    try handover.interrupted()
                } catch {
                    fault = error
                }
                return fault != nil
            }
            #expect(fault == .access(address: nowhere, count: 60))
        }

        /// What NET_WRITE sends comes after what is in the ring.
        @Test func otherWaysDoNotOvertake() throws {
            try handOver()
            try guest.fill(frame(70))
            try submit(HVT_RING_NET_WRITE, 70)
            #expect(receive() == nil)
            try devices.withLock { try handover.settle() }
            #expect(receive() == frame(70))
        }

        @Test func withoutAWorkerNothingIsHandedOver() throws {
            handover.keep()
            for _ in 0..<100 { _ = try read() }
            usleep(10_000)
            #expect(try isKickWanted)
        }

        /// Held workers count as still; the ring is where it was afterwards.
        @Test func pausesInTheMiddle() throws {
            try handOver()
            #expect(hold.isStill)
            try submit(HVT_RING_NET_READ, 2048)
            usleep(5000)
            #expect(try index(HVT_RING_COM_TAIL_OFFSET) == head)
            hold.resume()
            _ = try commit()
        }
    }
#endif
