import Programs
import Testing

@testable import Commands

@Suite struct WrittenOptionTests {
    struct Row {
        let text: String
        let name: String
        var device: String?
        var value: String?
    }

    @Test(arguments: [
        Row(text: "--mem", name: "mem"),
        Row(text: "--mem=5", name: "mem", value: "5"),
        Row(text: "--mem=", name: "mem", value: ""),
        Row(text: "--net:a", name: "net", device: "a"),
        Row(text: "--net:a=b", name: "net", device: "a", value: "b"),
        Row(text: "--net:=b", name: "net", device: "", value: "b"),
        Row(text: "--net-mac:a=02:00", name: "net-mac", device: "a", value: "02:00"),
        Row(text: "--block:a=x=y z", name: "block", device: "a", value: "x=y z"),
        Row(text: "--a:b:c", name: "a", device: "b:c"),
        Row(text: "--=:", name: "", value: ":"),
        Row(text: "--", name: ""),
    ])
    func `an option falls into its parts`(row: Row) throws {
        let option = try #require(WrittenOption(Argument(row.text)))
        #expect(option.name == row.name)
        #expect(option.device == row.device)
        #expect(option.value == row.value)
    }

    @Test(arguments: [[], [0x2D], [0x2D, 0x6D], [0x61], [0x2D, 0x2D, 0xFF]] as [[UInt8]])
    func `what is no long option`(bytes: [UInt8]) {
        #expect(WrittenOption(Argument(bytes: bytes)) == nil)
    }

    @Test(arguments: ["a", "Z9", String(repeating: "x", count: 67)])
    func `names of devices`(name: String) {
        #expect(isDeviceName(name))
    }

    @Test(arguments: ["", "a-b", "a b", "ä", "a_b", "a\n", String(repeating: "x", count: 68)])
    func `no names of devices`(name: String) {
        #expect(!isDeviceName(name))
    }
}
