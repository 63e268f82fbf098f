#if Uhyve
    import Network
    import Testing

    @testable import Tender
    @testable import Uhyve
    @testable import Virtio

    @Suite struct PCITests {
        typealias Face = VirtioTransport

        @Test(
            arguments: [
                (.modern, 0x1041_1AF4, 0x0010_0006), (.legacy, 0x1000_1AF4, 0x0000_0005),
            ] as [(Face, UInt32, UInt32)])
        func saysWhatItIs(_ face: Face, _ identity: UInt32, _ command: UInt32) throws {
            let driver = try NetworkDriver(face)
            #expect(driver.readConfiguration(0x00) == identity)
            #expect(driver.readConfiguration(0x04) == command)
            #expect(driver.readConfiguration(0x08) == 0x0200_0000)
            #expect(driver.readConfiguration(0x0A, width: 2) == 0x0200)
            #expect(driver.readConfiguration(0x0E, width: 1) == 0)
            #expect(driver.readConfiguration(0x3C, width: 2) == 0x010B)
            #expect(driver.readConfiguration(0x2C, width: 2) == 0x1AF4)
            // The legacy interface tells the kind of device by this.
            #expect(
                driver.readConfiguration(0x2E, width: 2) == (face == .legacy ? 1 : 0x1041))
            for offset in stride(from: 0x18, to: 0x2C, by: 4) as StrideTo<UInt32> {
                #expect(driver.readConfiguration(offset) == 0)
            }
        }

        @Test func nothingElseIsThere() throws {
            let driver = try NetworkDriver()
            for device in 1..<32 as Range<UInt32> {
                #expect(driver.readConfiguration(0, device: device) == 0xFFFF_FFFF)
                #expect(driver.readConfiguration(2, width: 2, device: device) == 0xFFFF)
                #expect(driver.readConfiguration(3, width: 1, device: device) == 0xFF)
            }
            // Functions 1 to 7, another bus, and the enable bit missing.
            let functions = (1..<8).map { 1 << 31 | $0 << 8 as UInt32 }
            for address in functions + [0x8001_0000, 0x80FF_0000, 0] {
                driver.writePort(0xCF8, 4, UInt64(address))
                #expect(driver.readPort(0xCFC, 4) == 0xFFFF_FFFF)
                driver.writePort(0xCFC, 4, 0)
            }
            #expect(driver.readConfiguration(0) == 0x1041_1AF4)
        }

        @Test func theAddressPort() throws {
            let driver = try NetworkDriver()
            driver.writePort(0xCF8, 4, 0x8000_0034)
            #expect(driver.readPort(0xCF8, 4) == 0x8000_0034)
            // Narrower accesses are to other registers, which are not there.
            driver.writePort(0xCF8, 1, 0)
            driver.writePort(0xCF9, 1, 6)
            driver.writePort(0xCFA, 2, 0)
            #expect(driver.readPort(0xCF8, 4) == 0x8000_0034)
            #expect(driver.readPort(0xCF8, 1) == 0xFF)
            #expect(driver.readPort(0xCFA, 2) == 0xFFFF)
            #expect(driver.readPort(0xCFC, 1) == 0x40)
        }

        @Test func byteLanes() throws {
            let driver = try NetworkDriver()
            driver.writePort(0xCF8, 4, 0x8000_0000)
            let bytes = (0..<4).map {
                driver.readPort(0xCFC + UInt16($0), 1)
            }
            #expect(bytes == [0xF4, 0x1A, 0x41, 0x10])
            #expect(driver.readPort(0xCFC, 2) == 0x1AF4)
            #expect(driver.readPort(0xCFD, 2) == 0x411A)
            #expect(driver.readPort(0xCFE, 2) == 0x1041)
            // Beyond the data port.
            #expect(driver.readPort(0xCFF, 2) == 0xFFFF)
            #expect(driver.readPort(0xCFD, 4) == 0xFFFF_FFFF)
        }

        @Test func writesReachWritableBitsOnly() throws {
            let driver = try NetworkDriver()
            var before: [UInt32] = []
            for offset in stride(from: 0, to: 256, by: 4) as StrideTo<UInt32> {
                before.append(driver.readConfiguration(offset))
                driver.writeConfiguration(offset, 0xFFFF_FFFF)
                driver.writeConfiguration(offset, 0)
            }
            for offset in stride(from: 0, to: 256, by: 4) as StrideTo<UInt32> {
                let expected: UInt32 =
                    switch offset {
                    case 0x04: 0x0010_0000
                    case 0x10: 0xC
                    case 0x14: 0
                    case 0x3C: 0x0100
                    default: before[Int(offset / 4)]
                    }
                #expect(driver.readConfiguration(offset) == expected)
            }
            driver.writeConfiguration(0x3C, 9, width: 1)
            #expect(driver.readConfiguration(0x3C) == 0x0109)
            driver.writeConfiguration(0x05, 0xFF, width: 1)
            #expect(driver.readConfiguration(0x04, width: 2) == 0x0400)
        }

        @Test func theModernBARCanBeSized() throws {
            let driver = try NetworkDriver()
            #expect(driver.readConfiguration(0x10) == 0xFE00_000C)
            #expect(driver.readConfiguration(0x14) == 0)
            driver.writeConfiguration(0x10, 0xFFFF_FFFF)
            driver.writeConfiguration(0x14, 0xFFFF_FFFF)
            #expect(driver.readConfiguration(0x10) == 0xFFE0_000C)
            #expect(driver.readConfiguration(0x14) == 0xFFFF_FFFF)
            driver.writeConfiguration(0x10, 0xFE00_0000)
            driver.writeConfiguration(0x14, 0)
            #expect(driver.readConfiguration(0x10) == 0xFE00_000C)
            #expect(driver.readConfiguration(0x14) == 0)
        }

        @Test func theLegacyBARCanBeSized() throws {
            let driver = try NetworkDriver(.legacy)
            #expect(driver.readConfiguration(0x10) == 0xC001)
            driver.writeConfiguration(0x10, 0xFFFF_FFFF)
            #expect(driver.readConfiguration(0x10) == 0xFFFF_FFE1)
            driver.writeConfiguration(0x10, 0xC000)
            #expect(driver.readConfiguration(0x10) == 0xC001)
            #expect(driver.readConfiguration(0x34) == 0)
        }

        @Test func capabilities() throws {
            let driver = try NetworkDriver()
            #expect(driver.readConfiguration(0x34, width: 1) == 0x40)
            let expected: [[UInt32]] = [
                [0x0110_5009, 0, 0x88, 64], [0x0310_6009, 0, 0xC8, 1],
                [0x0214_7809, 0, 0xD0, 8], [0x0410_0009, 0, 0xD8, 24],
            ]
            for (start, words) in zip([0x40, 0x50, 0x60, 0x78] as [UInt32], expected) {
                let found = (0..<4).map { driver.readConfiguration(start + UInt32($0) * 4) }
                #expect(found == words)
            }
            #expect(driver.readConfiguration(0x70) == 4)
            #expect(driver.registers(1)?.address == 0xFE00_0088)
            #expect(driver.registers(2)?.address == 0xFE00_00D0)
            #expect(driver.registers(3)?.address == 0xFE00_00C8)
            #expect(driver.registers(4)?.address == 0xFE00_00D8)
            #expect(driver.registers(5) == nil)
        }

        @Test func knowsItsPlaces() throws {
            let modern = try NetworkDriver(.modern)
            let legacy = try NetworkDriver(.legacy)
            func has(_ driver: NetworkDriver, port: UInt16) -> Bool {
                driver.buses.ports.read(port, width: 1) != nil
            }
            func has(_ driver: NetworkDriver, _ address: UInt64) -> Bool {
                driver.buses.memory.read(address, width: 1) != nil
            }
            for network in [modern, legacy] {
                #expect(!has(network, port: 0xCF7))
                #expect(has(network, port: 0xCF8))
                #expect(has(network, port: 0xCFF))
                #expect(!has(network, port: 0xD00))
                #expect(!has(network, 0xFDFF_FFFF))
                #expect(!has(network, 0xFE20_0000))
            }
            #expect(has(modern, 0xFE00_0000) && has(modern, 0xFE1F_FFFF))
            #expect(!has(modern, port: 0xC000))
            #expect(!has(legacy, 0xFE00_0000))
            #expect(has(legacy, port: 0xC000) && has(legacy, port: 0xC01F))
            #expect(!has(legacy, port: 0xBFFF) && !has(legacy, port: 0xC020))
            #expect(modern.network.doorbellAddress(queue: 0) == .memory(address: 0xFE00_00D0))
            #expect(modern.network.doorbellAddress(queue: 1) == .memory(address: 0xFE00_00D4))
            #expect(legacy.network.doorbellAddress(queue: 0) == .port(0xC010))
        }

        /// Another platform may have it elsewhere.
        @Test func anotherPlacement() throws {
            let wire = try NetworkWire()
            let network = try VirtioNetwork(
                NetworkBackend(wire.takeTap(), mtu: 1500), mac: NetworkDriver.mac, .modern,
                PCIPlacement(slot: 3, interruptLine: 5, base: 0xD000_0000))
            var buses = Buses()
            try network.claim(in: &buses)
            func word(_ slot: UInt64, _ offset: UInt64) -> UInt64? {
                _ = buses.ports.write(1 << 31 | slot << 11 | offset, to: 0xCF8, width: 4)
                return buses.ports.read(0xCFC, width: 4)
            }
            #expect(word(0, 0) == 0xFFFF_FFFF)
            #expect(word(3, 0) == 0x1041_1AF4)
            #expect(word(3, 0x10) == 0xD000_000C)
            #expect(word(3, 0x3C) == 0x0105)
            #expect(buses.memory.read(0xD01F_FFFF, width: 1) != nil)
            #expect(buses.memory.read(0xFE00_0000, width: 1) == nil)
        }
    }
#endif
