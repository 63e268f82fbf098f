#if Uhyve
    import CLinux
    import Linux
    import Testing

    @testable import Tender
    @testable import Uhyve
    @testable import Virtio

    @Suite struct ExchangeTests {
        typealias Face = VirtioTransport
        static let faces: [Face] = [.modern, .legacy]

        @Test(arguments: faces, [0, 4 << 30] as [UInt64])
        func sends(_ face: Face, _ start: UInt64) throws {
            let driver = try NetworkDriver(face, start: start)
            driver.begin()
            for count in [14, 60, 63, 64, 65, 1514, 1518] {
                #expect(try driver.send(frame(count)) == .init(head: 0, count: 0))
                #expect(driver.wire.receive() == frame(count))
            }
            #expect(driver.warnings.lines.isEmpty)
        }

        @Test(arguments: faces, [0, 4 << 30] as [UInt64])
        func receives(_ face: Face, _ start: UInt64) throws {
            let driver = try NetworkDriver(face, start: start)
            driver.begin()
            for count in [14, 60, 63, 64, 65, 1514] {
                try driver.post()
                driver.wire.send(frame(count))
                let bytes = try driver.bytes(try driver.queues[0].next())
                #expect(bytes == driver.receivedHeader + frame(count))
            }
            #expect(driver.warnings.lines.isEmpty)
        }

        /// Header and frame in any pieces, even a byte each.
        @Test(arguments: faces, [[10], [12], [1, 12], [4, 6, 30], [5, 7, 1], [70, 1, 64]])
        func piecesOfAFrame(_ face: Face, _ sizes: [Int]) throws {
            let driver = try NetworkDriver(face)
            driver.begin()
            let bytes = [UInt8](repeating: 0, count: driver.headerSize) + frame(200)
            let rest = bytes.count - sizes.reduce(0, +)
            var pieces: [(UInt64, Int)] = []
            var position = 0
            // Apart from each other, and from the last to the first.
            for (index, size) in (sizes + [rest]).enumerated() {
                let address = driver.buffers + UInt64(8 - index) * 0x1000 + 1
                try driver.memory.place(Array(bytes[position..<position + size]), at: address)
                pieces.append((address, size))
                position += size
            }
            try driver.queues[1].offer(pieces, writable: false, head: 7)
            driver.notify(1)
            #expect(try driver.queues[1].next() == .init(head: 7, count: 0))
            #expect(driver.wire.receive() == frame(200))

            for piece in pieces {
                try driver.memory.place([UInt8](repeating: 0xEE, count: piece.1), at: piece.0)
            }
            try driver.queues[0].offer(pieces, writable: true, head: 9)
            driver.notify(0)
            driver.wire.send(frame(150))
            let count = driver.headerSize + 150
            #expect(try driver.queues[0].next() == .init(head: 9, count: UInt32(count)))
            let received = try pieces.flatMap { try driver.bytes(at: $0.0, $0.1) }
            #expect(Array(received.prefix(count)) == driver.receivedHeader + frame(150))
            // What is beyond the frame is left alone.
            #expect(received.dropFirst(count).allSatisfy { $0 == 0xEE })
        }

        @Test func aChainAsLongAsTheQueue() throws {
            let driver = try NetworkDriver()
            driver.begin()
            let bytes = [UInt8](repeating: 0, count: 12) + frame(244)
            try driver.memory.place(bytes, at: driver.buffers)
            let pieces = (0..<256).map { (driver.buffers + UInt64($0), 1) }
            try driver.queues[1].offer(pieces, writable: false)
            driver.notify(1)
            #expect(try driver.queues[1].next() == .init(head: 0, count: 0))
            #expect(driver.wire.receive() == frame(244))
        }

        /// More often than the rings' indices can count.
        @Test(arguments: faces)
        func indicesWrapAround(_ face: Face) throws {
            let driver = try NetworkDriver(face)
            driver.begin()
            let queue = driver.queues[1]
            try queue.setFlags(1)
            let bytes = [UInt8](repeating: 0, count: driver.headerSize) + frame(60)
            try driver.memory.place(bytes, at: driver.buffers)
            for head in 0..<256 as Range<UInt16> {
                try queue.setDescriptor(
                    head, .init(address: driver.buffers, count: UInt32(bytes.count)))
            }
            var sent = 0
            for _ in 0..<260 {
                for head in 0..<256 as Range<UInt16> { try queue.offer(head) }
                driver.notify(1)
                let isUsed = try eventually { try queue.usedIndex == queue.offered }
                try #require(isUsed)
                // More may not fit the socket; those are dropped.
                while driver.wire.receive(timeout: 0) == frame(60) { sent += 1 }
            }
            #expect(sent > 260)
            #expect(driver.interrupts.value == 0)
            #expect(driver.status & 0x40 == 0)
        }

        @Test(arguments: faces)
        func framesWaitForBuffers(_ face: Face) throws {
            let driver = try NetworkDriver(face)
            driver.wire.send(frame(60, tag: 0))
            driver.begin()
            for tag in 1..<5 as Range<UInt8> { driver.wire.send(frame(60, tag: tag)) }
            usleep(20000)
            #expect(driver.interrupts.value == 0)
            for tag in 0..<5 as Range<UInt8> {
                try driver.post(head: UInt16(tag))
                let bytes = try driver.bytes(try driver.queues[0].next())
                #expect(bytes == driver.receivedHeader + frame(60, tag: tag))
            }
        }

        @Test(arguments: faces)
        func interrupts(_ face: Face) throws {
            let driver = try NetworkDriver(face)
            driver.begin()
            _ = try driver.send(frame(60))
            #expect(eventually { driver.interrupts.value == 1 })
            #expect(driver.acknowledge() == 1)
            #expect(driver.acknowledge() == 0)
            try driver.post()
            driver.wire.send(frame(60))
            _ = try driver.queues[0].next()
            #expect(eventually { driver.interrupts.value == 2 })
            #expect(driver.acknowledge() == 1)
        }

        @Test(arguments: faces)
        func suppressedInterrupts(_ face: Face) throws {
            let driver = try NetworkDriver(face)
            driver.begin()
            for queue in driver.queues { try queue.setFlags(1) }
            _ = try driver.send(frame(60))
            try driver.post()
            driver.wire.send(frame(60))
            _ = try driver.queues[0].next()
            usleep(20000)
            #expect(driver.interrupts.value == 0)
            #expect(driver.acknowledge() == 0)
        }

        @Test func interruptsTurnedOffForAWhile() throws {
            let driver = try NetworkDriver()
            driver.writeConfiguration(0x04, 0x0406, width: 2)
            driver.begin()
            _ = try driver.send(frame(60))
            usleep(20000)
            #expect(driver.interrupts.value == 0)
            driver.writeConfiguration(0x04, 0x0006, width: 2)
            #expect(driver.interrupts.value == 1)
            #expect(driver.acknowledge() == 1)
        }

        /// Too short to be a frame, or longer than the interface takes.
        @Test(arguments: faces, [0, 13, 1519, 65535])
        func dropsWhatIsNoFrame(_ face: Face, _ count: Int) throws {
            let driver = try NetworkDriver(face)
            driver.begin()
            #expect(try driver.send(frame(count)) == .init(head: 0, count: 0))
            #expect(try driver.send(frame(60)) == .init(head: 0, count: 0))
            #expect(driver.wire.receive() == frame(60))
        }

        @Test(arguments: faces, [1, 8, 9, 11, 12, 13, 70])
        func dropsWhatDoesNotFit(_ face: Face, _ room: Int) throws {
            let driver = try NetworkDriver(face)
            driver.begin()
            try driver.post(room)
            driver.wire.send(frame(1514))
            driver.wire.send(frame(1514))
            // The buffer is kept for one that does.
            let fitting = room - driver.headerSize
            guard fitting > 0 else { return }
            driver.wire.send(frame(fitting))
            let bytes = try driver.bytes(try driver.queues[0].next())
            #expect(bytes == driver.receivedHeader + frame(fitting))
        }

        @Test("attack 09: Hermit: frames that nobody takes") func framesThatNobodyTakesAreDropped()
            throws
        {
            let driver = try NetworkDriver()
            driver.begin()
            for _ in 0..<1000 {
                #expect(try driver.send(frame(1514)) == .init(head: 0, count: 0))
            }
            var received = 0
            while driver.wire.receive(timeout: 0) != nil { received += 1 }
            #expect((1..<1000).contains(received))
            _ = try driver.send(frame(60))
            #expect(driver.wire.receive() == frame(60))
        }

        @Test(arguments: faces)
        func theOtherEndHasGone(_ face: Face) throws {
            let driver = try NetworkDriver(face)
            driver.begin()
            try driver.post()
            driver.wire.close()
            usleep(20000)
            #expect(try driver.send(frame(60)) == .init(head: 0, count: 0))
            #expect(driver.status & 0x40 == 0)
        }

        @Test(arguments: faces)
        func worksAgainAfterAReset(_ face: Face) throws {
            let driver = try NetworkDriver(face)
            for _ in 0..<5 {
                driver.begin()
                try driver.post()
                _ = try driver.send(frame(60))
                #expect(driver.wire.receive() == frame(60))
                driver.status = 0
                // From now on memory is the driver's.
                for queue in driver.queues { try queue.clear() }
                let before = try driver.bytes(at: driver.queues[0].descriptors, 16384)
                driver.wire.send(frame(60))
                try driver.post()
                usleep(10000)
                #expect(try driver.queues[0].usedIndex == 0)
                #expect(driver.acknowledge() == 0)
                for queue in driver.queues { try queue.clear() }
                #expect(
                    try driver.bytes(at: driver.queues[0].descriptors, 16384) == before)
                driver.begin()
                try driver.post()
                #expect(
                    try driver.bytes(try driver.queues[0].next())
                        == driver.receivedHeader + frame(60))
                driver.status = 0
                for queue in driver.queues { try queue.clear() }
            }
        }

        /// As when a driver has set up one queue only.
        @Test(arguments: [0, 1])
        func oneQueueIsEnough(_ index: Int) throws {
            let driver = try NetworkDriver()
            for step: UInt8 in [1, 3] { driver.status = step }
            driver.acceptFeatures()
            driver.status = 0xB
            driver.setUp(index, driver.queues[index])
            driver.status = 0xF
            driver.notify(1 - index)
            if index == 1 {
                _ = try driver.send(frame(60))
                #expect(driver.wire.receive() == frame(60))
            } else {
                try driver.post()
                driver.wire.send(frame(60))
                #expect(try driver.queues[0].next()?.count == 72)
            }
            #expect(driver.status == 0xF)
        }

        @Test func theDoorbellIsEnough() throws {
            let driver = try NetworkDriver()
            driver.begin()
            usleep(20000)
            let bytes = [UInt8](repeating: 0, count: 12) + frame(60)
            try driver.memory.place(bytes, at: driver.buffers)
            try driver.queues[1].offer([(driver.buffers, 72)], writable: false)
            // As KVM does.
            #expect(eventfd_write(driver.network.doorbell(queue: 1), 1) == 0)
            #expect(try driver.queues[1].next() == .init(head: 0, count: 0))
        }

        @Test(arguments: faces)
        func stopsInTheMidstOfTraffic(_ face: Face) throws {
            let driver = try NetworkDriver(face)
            driver.begin()
            for head in 0..<128 as Range<UInt16> { try driver.post(head: head) }
            for _ in 0..<100 { driver.wire.send(frame(60)) }
            driver.stop()
            let index = try driver.queues[0].usedIndex
            driver.wire.send(frame(60))
            driver.notify(0)
            usleep(20000)
            #expect(try driver.queues[0].usedIndex == index)
            driver.stop()
        }
    }
#endif
