import Testing

@testable import Tender
@testable import TenderSupport

@Suite struct BusTests {
    private let device = Scratchpad()
    private let other = Scratchpad()

    @Test func accessesReachTheDeviceThatHasTheAddress() throws {
        var bus = PortBus()
        try bus.claim(0x300...0x303, for: other)
        try bus.claim(0x200...0x207, for: device)
        #expect(bus.write(0x1234, to: 0x206, width: 2))
        #expect(device.last == .init(offset: 6, width: 2, value: 0x1234))
        #expect(bus.read(0x206, width: 2) == 0x1234)
        #expect(bus.read(0x200, width: 1) == 0)
        #expect(other.last == nil)
        // It begins in the range.
        #expect(bus.write(5, to: 0x207, width: 4))
        #expect(device.last == .init(offset: 7, width: 4, value: 5))
    }

    @Test(arguments: [0x1FF, 0x208, 0, .max] as [UInt16])
    func addressesThatNoDeviceHas(_ port: UInt16) throws {
        var bus = PortBus()
        try bus.claim(0x200...0x207, for: device)
        #expect(bus.read(port, width: 1) == nil)
        #expect(!bus.write(1, to: port, width: 1))
        #expect(device.last == nil)
    }

    @Test(arguments: [
        0xF000...0xFFFF, 0xF800...0xF800, 0...0xF000, 0xFFFF...0x1_0000, 0...UInt64.max,
    ])
    func refusesWhatOverlaps(_ range: ClosedRange<UInt64>) throws {
        var bus = MemoryBus()
        try bus.claim(0xF000...0xFFFF, for: device)
        let wanted = "\(hexadecimal(range.lowerBound))-\(hexadecimal(range.upperBound))"
        #expect(
            throws: TenderError.failed(
                "a device can't have \(wanted): another one has 0xf000-0xffff")
        ) { try bus.claim(range, for: other) }
        // The first one keeps what it has.
        #expect(bus.write(1, to: 0xF000, width: 1))
        #expect(other.last == nil)
        try bus.claim(0...0xEFFF, for: other)
        try bus.claim(0x1_0000...UInt64.max, for: other)
    }

    @Test func saysWhatOverlaps() {
        var bus = PortBus()
        let text = #expect(throws: TenderError.self) {
            try bus.claim(0xCF8...0xCFF, for: device)
            try bus.claim(0xCFC...0xD00, for: other)
        }?.description
        #expect(text == "a device can't have 0xcfc-0xd00: another one has 0xcf8-0xcff")
    }

    @Test func theWholeOfABus() throws {
        var bus = MemoryBus()
        try bus.claim(0...UInt64.max, for: device)
        #expect(bus.write(7, to: .max, width: 1))
        #expect(device.last == .init(offset: .max, width: 1, value: 7))
    }
}
