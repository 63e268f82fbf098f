#if Uhyve
    import CLinux
    import Linux
    import TestSupport
    import Testing

    @testable import Tender
    @testable import Uhyve
    @testable import Virtio

    @Suite struct AnythingTests {
        /// Random accesses and random queues from several vCPUs at once, always the same ones.
        @Test("attack 10: Hermit: rings that change meanwhile", arguments: ExchangeTests.faces)
        func survivesAnything(_ face: VirtioTransport) throws {
            let driver = try NetworkDriver(face)
            let first = try vCPU(1, driver)
            let second = try vCPU(2, driver)
            for _ in 0..<200 {
                driver.wire.send(frame(60))
                driver.begin()
                _ = driver.wire.receive(timeout: 1)
            }
            first.join()
            second.join()
            // It still does what it is there for.
            driver.writeConfiguration(0x04, 0x0006, width: 2)
            driver.status = 0
            for queue in driver.queues { try queue.clear() }
            while driver.wire.receive(timeout: 0) != nil {}
            driver.begin()
            #expect(try driver.send(frame(99)) == .init(head: 0, count: 0))
            #expect(driver.wire.receive() == frame(99))
        }

        private func vCPU(_ seed: UInt64, _ driver: NetworkDriver) throws -> Linux.Thread {
            let buses = driver.buses
            let memory = driver.memory
            let queues = driver.queues.map { ($0.descriptors, $0.available) }
            return try Linux.Thread.start {
                var random = Random(generator: SeededGenerator(state: seed))
                for _ in 0..<20000 {
                    random.access(buses)
                    try? random.scribble(memory, queues)
                }
            }
        }

        private struct Random {
            var generator: SeededGenerator

            mutating func next() -> UInt64 { generator.next() }

            mutating func below(_ limit: UInt64) -> UInt64 { next() % limit }

            mutating func access(_ buses: Buses) {
                let width = UInt8([1, 2, 4, 8, 3][Int(below(5))])
                let value = next() >> below(64)
                let address = 0xFE00_0000 + below(0x100)
                let port = [0xCF8, 0xCFC, 0xC000, 0xC008][Int(below(4))] + UInt16(below(16))
                switch below(4) {
                case 0: _ = buses.memory.write(value, to: address, width: width)
                case 1: _ = buses.memory.read(address, width: width)
                case 2:
                    _ = buses.ports.write(value & 0xFFFF_FFFF, to: port, width: min(width, 4))
                default: _ = buses.ports.read(port, width: min(width, 4))
                }
            }

            /// Changes a descriptor, or what is available.
            mutating func scribble(
                _ memory: GuestMemory, _ queues: [(descriptors: UInt64, available: UInt64)]
            ) throws {
                let queue = queues[Int(below(2))]
                let descriptor = GuestAddress(queue.descriptors + below(256) * 16)
                try memory.store(below(5 << 20), at: descriptor)
                try memory.store(UInt32(below(3000)), at: descriptor, offset: 8)
                try memory.store(UInt16(below(4)), at: descriptor, offset: 12)
                try memory.store(UInt16(below(260)), at: descriptor, offset: 14)
                let index = GuestAddress(queue.available + 2)
                let before = try memory.load(UInt16.self, at: index)
                try memory.store(before &+ UInt16(below(8)), at: index)
            }
        }
    }
#endif
