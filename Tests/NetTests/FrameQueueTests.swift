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

    /// Frames that NET_WRITE leaves for those that follow, on sockets that stand in for taps with
    /// offloads.
    @Suite struct FrameQueueTests {
        private static let plain = [UInt8](repeating: 0, count: VirtioHeader.size)
        /// Five frames, the last of which is smaller and has PSH.
        private static let frames = TCPSegment {
            $0.payload = (0..<6000).map { UInt8(truncatingIfNeeded: $0 * 3) }
            $0.flags = 16 | 8
        }.cut(every: 1400).map { $0.frame() }

        private let wires: [Wire]
        private let memory: GuestMemory
        private let queue: FrameQueue
        private let service: NetService
        private let ring: RingService

        init() throws {
            let wires = try (0..<2).map { _ in
                try Wire(__socket_type(SOCK_SEQPACKET.rawValue | SOCK_NONBLOCK.rawValue))
            }
            self.wires = wires
            memory = try GuestMemory(count: 1 << 20)
            let lock = DeviceLock()
            queue = try FrameQueue(lock)
            let devices = try wires.map {
                NetworkBackend(
                    try FileDescriptor(owning: $0.guestEnd), mtu: 1500,
                    virtioHeader: VirtioHeader.size)
            }
            service = NetService(devices, lock, nil, queue)
            ring = RingService(devices, queue)
        }

        private func call(
            _ handler: HypercallHandler, _ device: Int, count: Int
        ) throws -> Int32 {
            let argument = GuestAddress(0x1000)
            try memory.store(
                hvt_net_io(
                    handle: UInt64(device), data: 0x2000, len: UInt64(count), result: -1,
                    reserved: 0),
                at: argument)
            #expect(try handler(argument, memory) == .resume)
            return try memory.load(hvt_net_io.self, at: argument).result
        }

        private func write(_ frame: [UInt8], to device: Int = 0) throws {
            try memory.place(frame, at: 0x2000)
            #expect(try call(service.write, device, count: frame.count) == HVT_RESULT_OK)
        }

        private func read(from device: Int = 0) throws -> Int32 {
            try call(service.read, device, count: 2048)
        }

        /// The payload of the next that has come out at a tap's other side.
        private func written(by device: Int = 0) -> [UInt8]? {
            wires[device].receive().map { Array($0.dropFirst(VirtioHeader.size + 54)) }
        }

        private func payload(_ numbers: Range<Int>) -> [UInt8] {
            Self.frames[numbers].flatMap { $0.dropFirst(54) }
        }

        @Test("A read that finds nothing sends them")
        func vainRead() throws {
            for frame in Self.frames[..<3] { try write(frame) }
            #expect(written() == nil)
            #expect(wires[0].send(Self.plain + frame(60)))
            #expect(try read() == HVT_RESULT_OK)
            #expect(written() == nil)
            #expect(try read() == HVT_RESULT_AGAIN)
            #expect(written() == payload(0..<3))
            #expect(try read() == HVT_RESULT_AGAIN)
            #expect(written() == nil)
        }

        @Test("The last of a flow sends them")
        func lastOne() throws {
            for frame in Self.frames { try write(frame) }
            #expect(written() == payload(0..<5))
        }

        @Test("Small frames go at once, after what is queued")
        func smallFrames() throws {
            let small = TCPSegment { $0.payload = [1, 2, 3] }.frame()
            try write(small)
            #expect(wires[0].receive() == Self.plain + small)
            for frame in Self.frames[..<2] { try write(frame) }
            let acknowledgement = TCPSegment().frame()
            try write(acknowledgement)
            #expect(written() == payload(0..<2))
            #expect(wires[0].receive() == Self.plain + acknowledgement)
        }

        @Test("Another device's frame sends those of the first")
        func twoDevices() throws {
            try write(Self.frames[0])
            try write(Self.frames[0], to: 1)
            #expect(written() == payload(0..<1))
            #expect(written(by: 1) == nil)
            try write(Self.frames[1], to: 1)
            #expect(try read(from: 0) == HVT_RESULT_AGAIN)
            #expect(written(by: 1) == payload(0..<2))
        }

        @Test("Hypercalls but the network's send them", arguments: 0..<16)
        func otherHypercalls(number: Int) throws {
            try write(Self.frames[0])
            let deferral = queue.deferral
            deferral.finish(before: number)
            let isNetwork = [Int(HVT_HYPERCALL_NET_WRITE), Int(HVT_HYPERCALL_NET_READ)]
                .contains(number)
            #expect(written() == (isNetwork ? nil : payload(0..<1)))
            deferral.interrupted()
            #expect(written() == (isNetwork ? payload(0..<1) : nil))
        }

        @Test("A wrong request leaves them")
        func wrongRequest() throws {
            try write(Self.frames[0])
            #expect(try call(service.write, 7, count: 60) == HVT_RESULT_INVALID)
            #expect(try call(service.write, 0, count: 3000) == HVT_RESULT_INVALID)
            #expect(try call(service.read, 7, count: 60) == HVT_RESULT_INVALID)
            #expect(written() == nil)
            try write(Self.frames[1])
            queue.flush()
            #expect(written() == payload(0..<2))
        }

        @Test("A tap that takes nothing loses them, and nothing after that")
        func fullTap() throws {
            wires[0].closeHostEnd()
            try write(Self.frames[0])
            queue.flush()
            try memory.place(Self.frames[0], at: 0x2000)
            // Known once something is sent at once.
            let small = TCPSegment { $0.payload = [1] }.frame()
            try memory.place(small, at: 0x2000)
            #expect(
                try call(service.write, 0, count: small.count) == HVT_RESULT_UNSPECIFIED)
        }

        // MARK: By the ring

        private static let address = GuestAddress(0x8_0000)

        /// Puts a request into the ring, for a frame that is there.
        private func submit(
            _ operation: Int32, to device: Int = 0, count: Int, at data: UInt64 = 0x2000
        ) throws {
            let tail = GuestAddress(Self.address.value + UInt64(HVT_RING_ENT_TAIL_OFFSET))
            let index = try memory.load(UInt32.self, at: tail)
            try memory.store(
                hvt_ring_entry(
                    operation: UInt32(bitPattern: operation), handle: UInt32(device), data: data,
                    len: UInt32(count), id: 0, reserved: 0),
                at: Self.address, offset: HVT_RING_ENTRIES_OFFSET + Int32(index) * 32)
            try memory.store(index + 1, at: tail)
        }

        private func kickOut(
            _ frame: [UInt8], to device: Int = 0, at occasion: RingService.Occasion = .kick
        ) throws {
            try memory.place(frame, at: 0x2000)
            try submit(HVT_RING_NET_WRITE, to: device, count: frame.count)
            try ring.serve(Self.address, memory, at: occasion)
        }

        @Test("Kicks leave them for the next ones")
        func kicks() throws {
            for frame in Self.frames[..<3] { try kickOut(frame) }
            #expect(written() == nil)
            queue.deferral.interrupted()
            #expect(written() == payload(0..<3))
            // In the order in which they come by either way.
            try kickOut(Self.frames[0])
            try write(Self.frames[1])
            try kickOut(Self.frames[2])
            #expect(written() == nil)
            queue.flush()
            #expect(written() == payload(0..<3))
            let acknowledgement = TCPSegment().frame()
            try kickOut(Self.frames[0])
            try kickOut(acknowledgement)
            #expect(written() == payload(0..<1))
            #expect(wires[0].receive() == Self.plain + acknowledgement)
        }

        @Test(
            "A read in the ring that finds nothing sends them",
            arguments: [RingService.Occasion.kick, .watch])
        func vainReadInTheRing(_ occasion: RingService.Occasion) throws {
            try kickOut(Self.frames[0], at: occasion)
            #expect(wires[0].send(Self.plain + frame(60)))
            try submit(HVT_RING_NET_READ, count: 2048, at: 0x4000)
            try ring.serve(Self.address, memory, at: occasion)
            #expect(written() == nil)
            try memory.place(Self.frames[1], at: 0x2000)
            try submit(HVT_RING_NET_WRITE, count: Self.frames[1].count)
            try submit(HVT_RING_NET_READ, count: 2048, at: 0x4000)
            try ring.serve(Self.address, memory, at: occasion)
            #expect(written() == payload(0..<2))
        }

        @Test("Before something else, they go, with what kicks have left")
        func change() throws {
            try kickOut(Self.frames[0], at: .change)
            #expect(written() == payload(0..<1))
            try kickOut(Self.frames[1])
            try kickOut(Self.frames[2], at: .change)
            #expect(written() == payload(1..<3))
        }

        @Test("A kick that ends the guest leaves them for its end")
        func kickWithFault() throws {
            try memory.place(Self.frames[0], at: 0x2000)
            try submit(HVT_RING_NET_WRITE, count: Self.frames[0].count)
            try submit(HVT_RING_NET_WRITE, count: 60, at: 1 << 20)
            #expect(throws: GuestFault.self) {
                try ring.serve(Self.address, memory, at: .kick)
            }
            queue.flush()
            #expect(written() == payload(0..<1))
        }

        @Test("Kicks for two devices")
        func kicksForTwoDevices() throws {
            try kickOut(Self.frames[0])
            try kickOut(Self.frames[0], to: 1)
            #expect(written() == payload(0..<1))
            #expect(written(by: 1) == nil)
            queue.flush()
            #expect(written(by: 1) == payload(0..<1))
        }

        // MARK: By the ring's worker

        @Test("The worker keeps them until it has looked in vain")
        func keptByTheWorker() throws {
            for frame in Self.frames[..<3] { try kickOut(frame, at: .watch) }
            #expect(written() == nil)
            ring.flush()
            #expect(written() == payload(0..<3))
            ring.flush()
            #expect(written() == nil)
            // The last of a flow goes at once.
            for frame in Self.frames { try kickOut(frame, at: .watch) }
            #expect(written() == payload(0..<5))
        }

        @Test("A guest that only receives does not keep them for long")
        func onlyReads() throws {
            try kickOut(Self.frames[0], at: .watch)
            var rounds = 0
            var sent: [UInt8]?
            while sent == nil, rounds < 100 {
                #expect(wires[0].send(Self.plain + frame(60)))
                try submit(HVT_RING_NET_READ, count: 2048, at: 0x4000)
                try ring.serve(Self.address, memory, at: .watch)
                let head = GuestAddress(
                    Self.address.value + UInt64(HVT_RING_COM_HEAD_OFFSET))
                try memory.store(try memory.load(UInt32.self, at: head) + 1, at: head)
                rounds += 1
                sent = written()
            }
            #expect(sent == payload(0..<1))
            #expect(rounds == 16)
        }

        @Test("The worker sends small frames at once, after them")
        func workersSmallFrames() throws {
            let acknowledgement = TCPSegment().frame()
            for frame in Self.frames[..<2] { try kickOut(frame, at: .watch) }
            try kickOut(acknowledgement, at: .watch)
            #expect(written() == payload(0..<2))
            #expect(wires[0].receive() == Self.plain + acknowledgement)
        }

        @Test("The worker sends those of one device before those of another")
        func workersTwoDevices() throws {
            try kickOut(Self.frames[0], at: .watch)
            try kickOut(Self.frames[0], to: 1, at: .watch)
            #expect(written() == payload(0..<1))
            #expect(written(by: 1) == nil)
            ring.flush()
            #expect(written(by: 1) == payload(0..<1))
        }

        @Test("What is kept goes when who serves changes")
        func changesOfHands() throws {
            // From kicks to the worker.
            try kickOut(Self.frames[0])
            ring.flushAll()
            #expect(written() == payload(0..<1))
            // And back.
            try kickOut(Self.frames[1], at: .watch)
            try ring.serve(Self.address, memory, at: .change)
            #expect(written() == payload(1..<2))
        }

        @Test("A fault sends what the worker has kept")
        func workersFault() throws {
            try kickOut(Self.frames[0], at: .watch)
            try submit(HVT_RING_NET_WRITE, count: 60, at: 1 << 20)
            #expect(throws: GuestFault.self) {
                try ring.serve(Self.address, memory, at: .watch)
            }
            #expect(written() == payload(0..<1))
        }
    }
#endif
