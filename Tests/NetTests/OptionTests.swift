#if Net
    import CLinux
    import Linux
    import Tender
    import Testing

    @Suite struct OptionTests {
        @Test(arguments: [
            "", ":", "::::::", "52:54:00:12:34", "52:54:00:12:34:56:78", "52:54:00:12:34:5g",
            "52:54:00:12:34:", ":52:54:00:12:34", "525:4:00:12:34:56", "52-54-00-12-34-56",
            "525400123456", " 52:54:00:12:34:56", "52:54:00:12:34:56 ", "0x52:54:00:12:34:56",
            "+5:54:00:12:34:56", "52:54::12:34:56", "٥:٥:٥:٥:٥:٥",
        ])
        func refusesHardwareAddress(_ value: String) throws {
            let wire = try Wire()
            defer { close(wire.guestEnd) }
            let error = refusal(["net-mac:eth": value, "net:eth": wire.option])
            #expect(error?.text == "Malformed argument to --net-mac:eth")
            #expect(error?.option?.value == value)
        }

        @Test(
            arguments: [
                ("52:54:00:12:34:56", [0x52, 0x54, 0x00, 0x12, 0x34, 0x56]),
                ("aA:Bb:c:D:0:1", [0xAA, 0xBB, 0x0C, 0x0D, 0x00, 0x01]),
                ("ff:ff:ff:ff:ff:ff", [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
            ] as [(String, [UInt8])])
        func takesHardwareAddress(_ value: String, _ bytes: [UInt8]) throws {
            let first = try Guest(["net-mac:eth": value, "net:eth": Wire().option])
            #expect(first.launch.devices[1].mac == bytes)
            let last = try Guest(["net:eth": Wire().option, "net-mac:eth": value])
            #expect(last.launch.devices[1].mac == bytes)
        }

        @Test func theManifestCanPresetTheHardwareAddress() throws {
            var device = ManifestEntry(name: "eth", type: .net)
            device.mac = [2, 3, 4, 5, 6, 7]
            let preset = try Guest(["net:eth": Wire().option], devices: [device])
            #expect(preset.launch.devices[1].mac == [2, 3, 4, 5, 6, 7])
            let overridden = try Guest(
                ["net:eth": Wire().option, "net-mac:eth": "2:0:0:0:0:1"], devices: [device])
            #expect(overridden.launch.devices[1].mac == [2, 0, 0, 0, 0, 1])
        }

        @Test(arguments: [nil, "0:00:0:00:0:0"])
        func makesUpHardwareAddresses(_ value: String?) throws {
            var seen: Set<[UInt8]> = []
            for _ in 0..<32 {
                let wire = try Wire()
                let guest = try value.map {
                    try Guest(["net:eth": wire.option, "net-mac:eth": $0])
                }
                let mac = try (guest ?? Guest(["net:eth": wire.option])).launch.devices[1].mac
                #expect(mac[0] & 0x03 == 0x02)
                seen.insert(mac)
            }
            #expect(seen.count == 32)
        }

        @Test(arguments: ["net", "net-mac"])
        func refusesDevicesThatTheGuestLacks(_ option: String) throws {
            let wire = try Wire()
            defer { close(wire.guestEnd) }
            let value = option == "net" ? wire.option : "2:0:0:0:0:1"
            let devices = [ManifestEntry(name: "other", type: .block)]
            for name in ["eth", "other"] {
                let error = refusal(["\(option):\(name)": value], devices: devices)
                #expect(error?.text == "Resource not declared in manifest: '\(name)'")
            }
        }

        @Test func nothingAttachedMeansNoHypercalls() throws {
            let guest = try Guest(["net-mac:eth": "2:0:0:0:0:1"])
            #expect(!guest.launch.devices[1].isAttached)
            #expect(guest.launch.pollSet.members.isEmpty)
            #expect(throws: GuestFault.hypercall(number: 6)) { try guest.write(60) }
            #expect(throws: GuestFault.hypercall(number: 7)) { try guest.read() }
        }

        @Test func refusesASecondInterfaceForADevice() throws {
            let second = try Wire()
            defer { close(second.guestEnd) }
            let error = refusal(["net:eth": try Wire().option, "net:eth": second.option])
            #expect(error?.text == "'eth' is attached already")
            #expect(error?.option?.value == second.option)
        }
    }
#endif
