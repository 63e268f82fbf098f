#if Uhyve
    import Testing

    @testable import Uhyve

    @Suite struct PCITests {
        typealias Face = VirtioNetwork.Face

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
                driver.network.configurationWrite(port: 0xCF8, width: 4, value: address)
                #expect(
                    driver.network.configurationRead(port: 0xCFC, width: 4) == 0xFFFF_FFFF)
                driver.network.configurationWrite(port: 0xCFC, width: 4, value: 0)
            }
            #expect(driver.readConfiguration(0) == 0x1041_1AF4)
        }

        @Test func theAddressPort() throws {
            let network = try NetworkDriver().network
            network.configurationWrite(port: 0xCF8, width: 4, value: 0x8000_0034)
            #expect(network.configurationRead(port: 0xCF8, width: 4) == 0x8000_0034)
            // Narrower accesses are to other registers, which are not there.
            network.configurationWrite(port: 0xCF8, width: 1, value: 0)
            network.configurationWrite(port: 0xCF9, width: 1, value: 6)
            network.configurationWrite(port: 0xCFA, width: 2, value: 0)
            #expect(network.configurationRead(port: 0xCF8, width: 4) == 0x8000_0034)
            #expect(network.configurationRead(port: 0xCF8, width: 1) == 0xFF)
            #expect(network.configurationRead(port: 0xCFA, width: 2) == 0xFFFF)
            #expect(network.configurationRead(port: 0xCFC, width: 1) == 0x40)
        }

        @Test func byteLanes() throws {
            let network = try NetworkDriver().network
            network.configurationWrite(port: 0xCF8, width: 4, value: 0x8000_0000)
            let bytes = (0..<4).map {
                network.configurationRead(port: 0xCFC + UInt16($0), width: 1)
            }
            #expect(bytes == [0xF4, 0x1A, 0x41, 0x10])
            #expect(network.configurationRead(port: 0xCFC, width: 2) == 0x1AF4)
            #expect(network.configurationRead(port: 0xCFD, width: 2) == 0x411A)
            #expect(network.configurationRead(port: 0xCFE, width: 2) == 0x1041)
            // Beyond the data port.
            #expect(network.configurationRead(port: 0xCFF, width: 2) == 0xFFFF)
            #expect(network.configurationRead(port: 0xCFD, width: 4) == 0xFFFF_FFFF)
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
            let modern = try NetworkDriver(.modern).network
            let legacy = try NetworkDriver(.legacy).network
            for network in [modern, legacy] {
                #expect(!network.contains(port: 0xCF7))
                #expect(network.contains(port: 0xCF8))
                #expect(network.contains(port: 0xCFF))
                #expect(!network.contains(port: 0xD00))
                #expect(!network.contains(0xFDFF_FFFF))
                #expect(!network.contains(0xFE20_0000))
            }
            #expect(modern.contains(0xFE00_0000) && modern.contains(0xFE1F_FFFF))
            #expect(!modern.contains(port: 0xC000))
            #expect(!legacy.contains(0xFE00_0000))
            #expect(legacy.contains(port: 0xC000) && legacy.contains(port: 0xC01F))
            #expect(!legacy.contains(port: 0xBFFF) && !legacy.contains(port: 0xC020))
            #expect(VirtioNetwork.doorbellAddress(queue: 0) == 0xFE00_00D0)
            #expect(VirtioNetwork.doorbellAddress(queue: 1) == 0xFE00_00D4)
            #expect(VirtioNetwork.doorbellPort == 0xC010)
        }
    }
#endif
