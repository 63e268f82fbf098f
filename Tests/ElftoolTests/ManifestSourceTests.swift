import Testing

@testable import Elftool

@Suite struct ManifestSourceTests {
    @Test func acceptsDevicesInOrder() throws {
        let devices = try parse(manifest([("disk", "BLOCK_BASIC"), ("Eth0", "NET_BASIC")])).devices
        #expect(devices.map(\.name.shown) == ["disk", "Eth0"])
        #expect(devices.map(\.type) == [.block, .net])
    }

    @Test func acceptsNoDevices() throws {
        #expect(try parse(manifest([])).devices.isEmpty)
    }

    @Test func acceptsKeysInAnyOrderAndSpelling() throws {
        let text = #"""
            {"devices":[{"type":"NET_BASIC","n\u0061me":"n\u0065t"}],"version":1,
             "type":"solo5\u002emanifest"}
            """#
        #expect(try parse(text).devices.map(\.name.shown) == ["net"])
    }

    @Test func acceptsTheLimits() throws {
        let longest = String(repeating: "x", count: 67)
        #expect(try parse(manifest([(longest, "NET_BASIC")])).devices[0].name.count == 67)
        #expect(try parse(manifest(numberedDevices(63))).devices.count == 63)
    }

    @Test func acceptsNamesThatDifferInCase() {
        #expect(complaint(manifest([("a", "NET_BASIC"), ("A", "NET_BASIC")])) == nil)
    }

    /// The first entry too many is on line 4 + 64.
    @Test(arguments: [64, 65, 200]) func refusesTooManyDevices(_ count: Int) {
        #expect(
            complaint(manifest(numberedDevices(count)))
                == "m.json:68: .devices[]: too many entries, maximum 63")
    }

    @Test(arguments: [
        "", String(repeating: "x", count: 68), "eth-0", "eth 0", "eth_0", "é", "ⅷ", "٣", "a/b",
        #"a\u0000"#, #"a\""#, #"\\"#, #"a\n"#,
    ]) func refusesName(_ name: String) {
        #expect(
            complaint(manifest([("ok", "NET_BASIC"), (name, "NET_BASIC")]))
                == "m.json:6: .devices[].name: expected 1 to 67 ASCII letters and digits")
    }

    @Test(arguments: ["NET_BASIC", "BLOCK_BASIC"]) func refusesDuplicateNames(_ type: String) {
        #expect(
            complaint(manifest([("a", "NET_BASIC"), ("b", "NET_BASIC"), ("a", type)]))
                == "m.json:7: .devices[].name: duplicate name: a")
    }

    @Test(arguments: ["", "net_basic", "NET_BASIC2", "NET", "RESERVED_FIRST"])
    func refusesDeviceType(_ type: String) {
        #expect(
            complaint(manifest([("a", type)]))
                == "m.json:5: .devices[].type: unknown device type: \(type)")
    }

    @Test(arguments: [
        ("[]", "m.json:1: (root): expected object, got array"),
        ("\nnull", "m.json:2: (root): expected object, got null"),
        ("{}", "m.json:1: (root): missing key: type"),
        (#"{"type":"solo5.manifest"}"#, "m.json:1: (root): missing key: version"),
        (#"{"type":"solo5.manifest","version":1}"#, "m.json:1: (root): missing key: devices"),
        ("{\n\"x\":1}", "m.json:2: (root): unknown key: x"),
        ("{\n\"Type\":1}", "m.json:2: (root): unknown key: Type"),
        ("{\n\"type\":1,\n\"type\":1}", "m.json:3: (root): duplicate key: type"),
    ]) func refusesRoot(_ text: String, _ expected: String) {
        #expect(complaint(text) == expected)
    }

    @Test(arguments: [
        ("1", "expected string, got number"), ("true", "expected string, got boolean"),
        (#""solo5.abi""#, #"expected "solo5.manifest""#), (#""""#, #"expected "solo5.manifest""#),
    ]) func refusesType(_ type: String, _ expected: String) {
        #expect(
            complaint("{\"type\":\n\(type), \"version\":1, \"devices\":[]}")
                == "m.json:2: .type: \(expected)")
    }

    @Test(arguments: [
        "0", "2", "-1", "1.0", "1e0", "10", "\"1\"", "null", "true", "[1]", "18446744073709551617",
    ]) func refusesVersion(_ version: String) {
        #expect(
            complaint("{\"type\":\"solo5.manifest\",\n\"version\":\(version), \"devices\":[]}")
                == "m.json:2: .version: expected the integer 1")
    }

    @Test(arguments: [
        ("{}", ".devices[]: expected array, got object"),
        ("null", ".devices[]: expected array, got null"),
        ("[1]", ".devices[]: expected object, got number"),
        ("[[]]", ".devices[]: expected object, got array"),
        ("[{}]", ".devices[]: missing key: name"),
        (#"[{"name":"a"}]"#, ".devices[]: missing key: type"),
        (#"[{"type":"NET_BASIC"}]"#, ".devices[]: missing key: name"),
        (#"[{"name":1,"type":"NET_BASIC"}]"#, ".devices[].name: expected string, got number"),
        (#"[{"name":"a","type":null}]"#, ".devices[].type: expected string, got null"),
        (#"[{"name":"a","name":"b"}]"#, ".devices[]: duplicate key: name"),
        (#"[{"name":"a","mac":"b"}]"#, ".devices[]: unknown key: mac"),
        (#"[{"":1}]"#, ".devices[]: unknown key: "),
    ]) func refusesDevices(_ devices: String, _ expected: String) {
        #expect(
            complaint("{\"type\":\"solo5.manifest\",\"version\":1,\"devices\":\n\(devices)}")
                == "m.json:2: \(expected)")
    }

    @Test func namesTheLineOfTheUnknownKey() {
        let text = """
            { "type": "solo5.manifest", "version": 1, "devices": [
                { "name": "a", "type": "NET_BASIC" },
                {
                    "name": "b",
                    "mtu": 1500,
                    "type": "NET_BASIC" } ] }
            """
        #expect(complaint(text) == "m.json:5: .devices[]: unknown key: mtu")
    }

    @Test func staysOnOneLine() {
        #expect(
            complaint(#"{"a\nb\u001b[31m\u2028\u0085\u202e😀":1}"#)
                == #"m.json:1: (root): unknown key: a\u{a}b\u{1b}[31m\u{2028}\u{85}\u{202e}😀"#)
    }
}
