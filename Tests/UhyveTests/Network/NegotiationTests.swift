#if Uhyve
    import Testing

    @testable import Uhyve
    @testable import Virtio

    @Suite struct NegotiationTests {
        @Test func theStepsOfAModernDriver() throws {
            let driver = try NetworkDriver()
            #expect(driver.status == 0)
            for step: UInt8 in [1, 3] {
                driver.status = step
                #expect(driver.status == step)
            }
            driver.acceptFeatures()
            for step: UInt8 in [0xB, 0xF, 0xF] {
                driver.status = step
                #expect(driver.status == step)
            }
            driver.status = 0
            #expect(driver.status == 0)
            #expect(driver.warnings.lines.isEmpty)
            #expect(driver.interrupts.value == 0)
        }

        @Test(
            arguments: [
                ([], 2), ([], 3), ([], 4), ([], 8), ([], 0xF), ([], 0x40), ([], 0x10), ([1], 5),
                ([1], 2), ([1], 0xB), ([1, 3], 7), ([1, 3], 0xF), ([1, 3], 1), ([1, 3], 0x13),
                ([1, 3, 0xB], 3), ([1, 3, 0xB], 4), ([1, 3, 0xB], 0x4B), ([1, 3, 0xB, 0xF], 0xB),
                ([1, 3, 0xB, 0xF], 0x1F),
            ] as [([UInt8], UInt8)])
        func aWrongStepNeedsReset(_ steps: [UInt8], _ wrong: UInt8) throws {
            let driver = try NetworkDriver()
            driver.acceptFeatures()
            for step in steps { driver.status = step }
            driver.status = wrong
            let last = steps.last ?? 0
            #expect(driver.status == last | 0x40)
            #expect(driver.isTold(.status(from: last, to: wrong)))
            // Only a driver that is ready expects interrupts.
            #expect(driver.interrupts.value == (last == 0xF ? 1 : 0))
            #expect(driver.acknowledge() == (last == 0xF ? 2 : 0))
            // Nothing but a reset helps.
            for step: UInt8 in [1, 3, 0xB, 0xF, 0x41, 0x4F] {
                driver.status = step
                #expect(driver.status == last | 0x40)
            }
            driver.begin()
            #expect(driver.status == 0xF)
        }

        @Test func aDriverCanGiveUp() throws {
            let driver = try NetworkDriver()
            driver.begin()
            driver.status |= 0x80
            #expect(driver.status == 0x8F)
            driver.status = 0xF
            #expect(driver.status == 0x8F)
            driver.status = 0
            #expect(driver.status == 0)
        }

        @Test func features() throws {
            let driver = try NetworkDriver()
            var offered: [UInt64] = []
            for half in [0, 1, 2, 0xFFFF_FFFF] as [UInt64] {
                driver.write(0x00, 4, half)
                #expect(driver.read(0x00, 4) == half)
                offered.append(driver.read(0x04, 4))
            }
            #expect(offered == [1 << 3 | 1 << 5 | 1 << 16, 1, 0, 0])
            let legacy = try NetworkDriver(.legacy)
            #expect(legacy.read(0, 4) == 1 << 3 | 1 << 5 | 1 << 16)
            // An MTU that the specification does not allow to be told.
            let tiny = try NetworkDriver(.legacy, mtu: 67)
            #expect(tiny.read(0, 4) == 1 << 5 | 1 << 16)
        }

        @Test(
            arguments: [
                0, 1 << 5, 1 << 32 | 1, 1 << 32 | 2, 1 << 33 | 1 << 32, 1 << 28 | 1 << 32,
                1 << 34 | 1 << 32, .max,
            ] as [UInt64])
        func refusesFeatures(_ features: UInt64) throws {
            let driver = try NetworkDriver()
            driver.status = 1
            driver.status = 3
            driver.acceptFeatures(features)
            driver.status = 0xB
            #expect(driver.status == 3)
            driver.acceptFeatures(1 << 32 | 1 << 5)
            driver.status = 0xB
            #expect(driver.status == 0xB)
            // No going back on what was agreed.
            driver.acceptFeatures(.max)
            driver.write(0x08, 4, 0)
            #expect(driver.read(0x0C, 4) == 1 << 5)
            driver.write(0x08, 4, 1)
            #expect(driver.read(0x0C, 4) == 1)
        }

        @Test func queueRegisters() throws {
            let driver = try NetworkDriver()
            #expect(driver.read(0x10, 2) == 0xFFFF)
            #expect(driver.read(0x12, 2) == 2)
            #expect(driver.read(0x15, 1) == 0)
            for queue in 0..<2 as Range<UInt64> {
                driver.write(0x16, 2, queue)
                #expect(driver.read(0x18, 2) == 256)
                #expect(driver.read(0x1A, 2) == 0xFFFF)
                #expect(driver.read(0x1C, 2) == 0)
                #expect(driver.read(0x1E, 2) == queue)
            }
            driver.write(0x20, 8, 0x1122_3344_5566_7788)
            driver.write(0x28, 4, 0xAABB_CCDD)
            driver.write(0x2C, 4, 0x1234_5678)
            driver.write(0x18, 2, 64)
            #expect(driver.read(0x20, 8) == 0x1122_3344_5566_7788)
            #expect(driver.read(0x24, 4) == 0x1122_3344)
            #expect(driver.read(0x28, 8) == 0x1234_5678_AABB_CCDD)
            // Not as wide as the register, or not where it starts.
            driver.write(0x20, 1, 0)
            driver.write(0x22, 4, 0)
            driver.write(0x24, 8, 0)
            driver.write(0x18, 1, 1)
            driver.write(0x18, 4, 1)
            #expect(driver.read(0x20, 8) == 0x1122_3344_5566_7788)
            #expect(driver.read(0x18, 2) == 64)
            // A queue that there is not.
            for queue in [2, 255, 0xFFFF] as [UInt64] {
                driver.write(0x16, 2, queue)
                driver.write(0x1C, 2, 1)
                driver.write(0x20, 8, .max)
                #expect(driver.read(0x16, 2) == queue)
                #expect((0x18..<0x20).map { driver.read($0, 1) } == [0, 0, 255, 255, 0, 0, 0, 0])
                #expect(driver.read(0x20, 8) == 0)
            }
            driver.status = 0
            driver.write(0x16, 2, 1)
            #expect(driver.read(0x20, 8) == 0)
            #expect(driver.read(0x18, 2) == 256)
        }

        @Test func queuesAreFrozenWhenInUse() throws {
            let driver = try NetworkDriver()
            driver.begin()
            for queue in 0..<2 as Range<UInt64> {
                driver.write(0x16, 2, queue)
                let before = (0x18..<0x38).map { driver.read($0, 1) }
                driver.write(0x18, 2, 1)
                driver.write(0x1C, 2, 0)
                for offset in stride(from: 0x20, to: 0x38, by: 8) as StrideTo<UInt64> {
                    driver.write(offset, 8, .max)
                    driver.write(offset, 4, 0)
                }
                #expect((0x18..<0x38).map { driver.read($0, 1) } == before)
            }
            #expect(try driver.send(frame(60)) == .init(head: 0, count: 0))
            #expect(driver.wire.receive() == frame(60))
        }

        @Test func legacyQueueRegisters() throws {
            let driver = try NetworkDriver(.legacy)
            for queue in [0, 1, 2, 0xFFFF] as [UInt64] {
                driver.write(14, 2, queue)
                #expect(driver.read(14, 2) == queue)
                #expect(driver.read(12, 2) == (queue < 2 ? 256 : 0))
                driver.write(8, 4, 0x10)
                #expect(driver.read(8, 4) == (queue < 2 ? 0x10 : 0))
                // Its size is not the driver's to choose.
                driver.write(12, 2, 1)
                #expect(driver.read(12, 2) == (queue < 2 ? 256 : 0))
            }
            driver.begin()
            #expect(driver.status == 7)
            driver.write(14, 2, 0)
            driver.write(8, 4, 0)
            #expect(driver.read(8, 4) == 0x10)
            driver.status = 0
            #expect(driver.read(8, 4) == 0)
        }

        /// As uhyve 0.2.1 understood the register: an address instead of the number of a page.
        @Test func legacyQueuesByAddress() throws {
            let driver = try NetworkDriver(.legacy)
            driver.status = 3
            for (index, queue) in driver.queues.enumerated() {
                driver.write(14, 2, UInt64(index))
                driver.write(8, 4, queue.descriptors)
            }
            driver.status = 7
            #expect(driver.status == 7)
            #expect(try driver.send(frame(60)) == .init(head: 0, count: 0))
            #expect(driver.wire.receive() == frame(60))
        }

        @Test func deviceConfiguration() throws {
            let expected: [UInt64] = [0x52, 0x54, 0, 0x12, 0x34, 0x56, 1, 0, 1, 0, 0x28, 0x23]
            let modern = try NetworkDriver(.modern, mtu: 9000)
            let base: UInt64 = 0xFE00_00D8
            #expect((0..<12).map { modern.readMemory(base + $0, 1) } == expected)
            #expect((12..<24).allSatisfy { modern.readMemory(base + $0, 1) == 0 })
            #expect(modern.readMemory(base + 10, 2) == 9000)
            let legacy = try NetworkDriver(.legacy, mtu: 9000)
            #expect((20..<32).map { legacy.read($0, 1) } == expected)
            // It can't be changed.
            modern.writeMemory(base, 4, 0)
            legacy.write(20, 4, 0)
            #expect(modern.readMemory(base, 4) == 0x1200_5452)
            #expect(legacy.read(20, 4) == 0x1200_5452)
        }

        @Test func registersAreRepeated() throws {
            let driver = try NetworkDriver()
            for offset in [0x100, 0x1000, 0x1FFF00] as [UInt64] {
                driver.writeMemory(0xFE00_0000 + offset + 0x9C, 1, 1)
                #expect(driver.readMemory(0xFE00_0000 + offset + 0x9C, 1) == 1)
                #expect(driver.status == 1)
                driver.status = 0
            }
            // Nothing else answers, at the ends of the BAR or beyond them.
            #expect(driver.readMemory(0xFE00_0000, 8) == 0)
            #expect(driver.readMemory(0xFE1F_FFFF, 8) == 0)
            #expect(driver.buses.memory.read(0xFE20_0000, width: 4) == nil)
            #expect(driver.buses.memory.read(.max, width: 8) == nil)
            driver.writeMemory(.max, 8, 1)
            driver.writeMemory(0, 8, 1)
            #expect(driver.readMemory(0xFE00_0000, 0) == 0)
            #expect(driver.readMemory(0xFE00_0000, 255) == .max)
        }
    }
#endif
