import Testing

@testable import Tender

/// What modules see of a launch.
struct LaunchTests {
    private let launch = Launch(
        options: [
            OptionValue(name: "net", device: "a", value: "tap1"),
            OptionValue(name: "block", device: "c", value: "disk"),
            OptionValue(name: "net", device: "b", value: "tap2"),
        ],
        devices: ApplicationManifest(devices: [
            ManifestEntry(name: "a", type: .net), ManifestEntry(name: "b", type: .net),
            ManifestEntry(name: "c", type: .block),
        ]))

    @Test func optionsKeepTheirOrder() {
        #expect(launch.options(named: "net").map { $0.device } == ["a", "b"])
        #expect(launch.options(named: "ne").isEmpty)
    }

    @Test func optionsAreAsWritten() {
        #expect(OptionValue(name: "net", device: "a", value: "tap1").text == "--net:a=tap1")
        #expect(OptionValue(name: "mem", value: "512").text == "--mem=512")
        #expect(OptionValue(name: "verbose").text == "--verbose")
        #expect(OptionValue(name: "readonly", device: "disk").text == "--readonly:disk")
    }

    @Test func findsDevices() throws {
        #expect(try launch.handle(for: launch.options[0], type: .net) == 1)
        #expect(try launch.handle(for: launch.options[1], type: .block) == 3)
        #expect(try launch.handle(for: launch.options[2], type: .net) == 2)
    }

    @Test func refusesDeviceOfAnotherType() {
        let option = launch.options[0]
        #expect(
            throws: ModuleError(
                "Resource not declared in manifest: 'a'", option: option,
                hint: "its BLOCK_BASIC devices: c")
        ) {
            try launch.handle(for: option, type: .block)
        }
    }

    @Test func refusesUnknownDevice() {
        let option = OptionValue(name: "net", device: "d", value: "tap")
        let empty = Launch(options: [], devices: ApplicationManifest(devices: []))
        #expect(
            throws: ModuleError(
                "Resource not declared in manifest: 'd'", option: option,
                hint: "its NET_BASIC devices: a, b")
        ) {
            try launch.handle(for: option, type: .net)
        }
        #expect(
            throws: ModuleError(
                "Resource not declared in manifest: 'd'", option: option,
                hint: "this guest has no NET_BASIC device")
        ) {
            try empty.handle(for: option, type: .net)
        }
    }

    /// The reserved entry has an empty name, but is no device.
    @Test func refusesReservedEntry() {
        #expect(throws: ModuleError.self) {
            try launch.handle(for: OptionValue(name: "net", device: ""), type: .net)
        }
    }

    @Test func pollSetIsShared() {
        let copy = launch
        copy.pollSet.add(5, handle: 2)
        #expect(
            launch.pollSet.members == [PollSet.Member(descriptor: 5, handle: 2, isSocket: false)])
    }
}
