#if Uhyve
    import CLinux
    import Linux
    import Testing

    @testable import Tender
    @testable import Uhyve
    @testable import Virtio

    @Suite struct HostileTests {
        /// One chain that no driver may offer, and what is wrong with it.
        struct Case: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let fault: VirtioFault
            /// Arranges it in queue `index`, whose buffers are writable if they are for reception.
            let arrange: @Sendable (NetworkDriver, Int) throws -> Void

            init(
                _ name: String, _ fault: VirtioFault,
                _ arrange: @escaping @Sendable (NetworkDriver, Int) throws -> Void
            ) {
                testDescription = name
                self.fault = fault
                self.arrange = arrange
            }

            /// A single buffer.
            static func buffer(
                _ name: String, _ fault: VirtioFault, at address: UInt64? = nil,
                count: UInt32 = 100, flags: UInt16 = 0
            ) -> Case {
                Case(name, fault) { driver, index in
                    try driver.offer(
                        index,
                        .init(address: address ?? driver.buffers, count: count, flags: flags))
                }
            }

            static func outside(_ address: UInt64, _ count: UInt64) -> VirtioFault {
                .memory(.access(address: GuestAddress(address), count: count))
            }
        }

        static let size: UInt64 = 4 << 20

        static let cases: [Case] = [
            .buffer("empty", .length, count: 0),
            .buffer("behind memory", Case.outside(size, 100), at: size),
            .buffer("across the end", Case.outside(size - 99, 100), at: size - 99),
            .buffer("far away", Case.outside(1 << 63, 100), at: 1 << 63),
            .buffer("wrapping around", Case.outside(.max - 5, 100), at: .max - 5),
            .buffer(
                "at the device", Case.outside(0xFE00_0000, 64), at: 0xFE00_0000, count: 64),
            .buffer("huge", Case.outside(0x100000, 0xFFFF_FFFF), count: .max),
            .buffer("indirect", .indirectDescriptor, flags: DriverQueue.isIndirect),
            .buffer(
                "indirect and more", .indirectDescriptor,
                flags: DriverQueue.isIndirect | DriverQueue.hasNext),
            Case("wrong direction", .direction) { driver, index in
                let flags = index == 0 ? 0 : DriverQueue.isWritable
                try driver.queues[index].setDescriptor(
                    0, .init(address: driver.buffers, count: 100, flags: flags))
                try driver.queues[index].offer(0)
            },
            Case("wrong direction further on", .direction) { driver, index in
                let flags = index == 0 ? 0 : DriverQueue.isWritable
                try driver.queues[index].setDescriptor(
                    1, .init(address: driver.buffers, count: 100, flags: flags))
                try driver.offer(index, .init(address: driver.buffers, count: 100, next: 1))
            },
            Case("pointing at itself", .endlessChain) { driver, index in
                try driver.offer(index, .init(address: driver.buffers, count: 1, next: 0))
            },
            Case("a loop", .endlessChain) { driver, index in
                let flags = index == 0 ? DriverQueue.isWritable : 0
                for number in 0..<256 as Range<UInt16> {
                    try driver.queues[index].setDescriptor(
                        number,
                        .init(
                            address: driver.buffers, count: 1, flags: flags,
                            next: (number + 1) % 256))
                }
                try driver.queues[index].offer(17)
            },
            Case("next too high", .descriptorIndex) { driver, index in
                try driver.offer(index, .init(address: driver.buffers, count: 1, next: 256))
            },
            Case("next much too high", .descriptorIndex) { driver, index in
                try driver.offer(index, .init(address: driver.buffers, count: 1, next: .max))
            },
            Case("head too high", .descriptorIndex) { driver, index in
                try driver.queues[index].offer(256)
            },
            Case("head much too high", .descriptorIndex) { driver, index in
                try driver.queues[index].offer(.max)
            },
            Case("more than there are", .availableIndex) { driver, index in
                try driver.queues[index].setIndex(257)
            },
            Case("going backwards", .availableIndex) { driver, index in
                try driver.queues[index].setIndex(.max)
            },
        ]

        @Test("attack 10: Hermit: rings out of order", arguments: cases, [0, 1])
        func stopsTheDevice(_ hostile: Case, _ index: Int) throws {
            for face in ExchangeTests.faces {
                let driver = try NetworkDriver(face)
                driver.begin()
                try hostile.arrange(driver, index)
                driver.notify(index)
                driver.wire.send(frame(60))
                #expect(eventually { driver.status & 0x40 != 0 })
                #expect(driver.isTold(hostile.fault))
                // The driver hears of it, and nothing was given back.
                #expect(driver.interrupts.value == 1)
                #expect(driver.acknowledge() == 2)
                #expect(try driver.queues[index].usedIndex == 0)
                // It is dead to the other queue as well.
                for queue in driver.queues { try queue.clear() }
                try driver.queues[1].offer([(driver.buffers, 100)], writable: false)
                driver.notify(1)
                usleep(2000)
                #expect(try driver.queues[1].usedIndex == 0)
                // And good as new after a reset.
                for queue in driver.queues { try queue.clear() }
                driver.begin()
                #expect(try driver.send(frame(60)) == .init(head: 0, count: 0))
                #expect(driver.wire.receive() == frame(60))
            }
        }

        @Test("The first fault is told, and no other", arguments: ExchangeTests.faces)
        func isToldOnce(_ face: VirtioTransport) throws {
            let driver = try NetworkDriver(face)
            for count in [1, 0] {
                driver.begin()
                try driver.queues[1].offer([(driver.buffers, count)], writable: false)
                driver.notify(1)
                #expect(eventually { driver.status & 0x40 != 0 })
                for queue in driver.queues { try queue.clear() }
            }
            driver.stop()
            #expect(
                driver.warnings.lines == [
                    "network card: stopped by a fault of the guest's driver, until a reset: "
                        + "a buffer of an invalid length"
                ])
        }

        @Test(arguments: ExchangeTests.faces)
        func sendsWithoutAHeader(_ face: VirtioTransport) throws {
            let driver = try NetworkDriver(face)
            driver.begin()
            let count = UInt32(driver.headerSize - 1)
            try driver.offer(1, .init(address: driver.buffers, count: count))
            driver.notify(1)
            #expect(driver.isTold(.length))
        }

        @Test("attack 08: Hermit: frames of impossible sizes", arguments: ExchangeTests.faces)
        func sendsMoreThanAnyFrame(_ face: VirtioTransport) throws {
            let driver = try NetworkDriver(face)
            driver.begin()
            let pieces = (0..<255).map { _ in (driver.buffers, 1 << 20) }
            try driver.queues[1].offer(pieces, writable: false)
            driver.notify(1)
            #expect(driver.isTold(.length))
        }

        /// Memory that is the tender's to protect, not the guest's to have written.
        @Test func protectedMemory() throws {
            let driver = try NetworkDriver()
            driver.memory.restrict(0x200000, 0x201000, isReadable: true, isWritable: false)
            driver.begin()
            try driver.queues[0].offer([(0x200000, 1600)], writable: true)
            driver.notify(0)
            driver.wire.send(frame(60))
            #expect(eventually { driver.status & 0x40 != 0 })
            #expect(try driver.bytes(at: 0x200000, 64).allSatisfy { $0 == 0 })
            driver.begin([DriverQueue(driver.memory, at: 0x200000), driver.queues[1]])
            #expect(driver.status & 0x40 != 0)
        }

        // MARK: Where queues are

        struct Layout: Sendable {
            var size: UInt64 = 256
            var descriptors: UInt64 = 0x30000
            var available: UInt64 = 0x31000
            var used: UInt64 = 0x32000
        }

        @Test(arguments: [
            Layout(size: 0), Layout(size: 3), Layout(size: 255), Layout(size: 257),
            Layout(size: 512), Layout(size: 0x8000), Layout(size: 0xFFFF),
            Layout(descriptors: 0x30008), Layout(available: 0x31001), Layout(used: 0x32002),
            Layout(descriptors: size), Layout(descriptors: size - 4080),
            Layout(available: size - 514), Layout(used: size - 2048),
            Layout(descriptors: 1 << 63), Layout(descriptors: 0xFFFF_FFFF_FFFF_FFF0),
            Layout(available: .max - 1), Layout(used: .max - 3), Layout(used: 0xFE00_0000),
            // On top of each other, or of the other queue at 0x20000.
            Layout(available: 0x30000), Layout(used: 0x30FFC), Layout(used: 0x31000),
            Layout(descriptors: 0x20000), Layout(used: 0x20FFC), Layout(available: 0x21000),
        ])
        func refusesLayouts(_ layout: Layout) throws {
            let driver = try NetworkDriver()
            for step: UInt8 in [1, 3] { driver.status = step }
            driver.acceptFeatures()
            driver.status = 0xB
            driver.setUp(1, driver.queues[1])
            driver.write(0x16, 2, 0)
            driver.write(0x18, 2, layout.size)
            driver.write(0x20, 8, layout.descriptors)
            driver.write(0x28, 8, layout.available)
            driver.write(0x30, 8, layout.used)
            driver.write(0x1C, 2, 1)
            driver.status = 0xF
            #expect(driver.status == 0x4F)
            #expect(driver.acknowledge() == 2)
            try driver.queues[1].offer([(driver.buffers, 100)], writable: false)
            driver.notify(1)
            usleep(2000)
            #expect(try driver.queues[1].usedIndex == 0)
        }

        @Test(arguments: [0x400, 0x3FF, 0xC0001, 0xF_FFFF, 0xFFFF_FFFF, 0x0010_0001] as [UInt64])
        func refusesLegacyPages(_ page: UInt64) throws {
            let driver = try NetworkDriver(.legacy)
            driver.status = 3
            driver.write(14, 2, 1)
            driver.write(8, 4, page)
            driver.status = 7
            #expect(driver.status == 0x47)
        }
    }

    extension NetworkDriver {
        /// Offers a chain that starts with this buffer, of the direction of queue `index`.
        fileprivate func offer(_ index: Int, _ buffer: DriverQueue.Buffer) throws {
            var buffer = buffer
            if index == 0 { buffer.flags |= DriverQueue.isWritable }
            try queues[index].setDescriptor(0, buffer)
            try queues[index].offer(0)
        }
    }
#endif
