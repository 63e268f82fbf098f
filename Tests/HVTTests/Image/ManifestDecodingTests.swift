import Bytes
import TestSupport
import Testing

@testable import HVT
@testable import Tender

/// The manifest in a note (solo5-hvt specification, 6.1): each rule broken alone.
struct ManifestDecodingTests {
    private static func devices(_ count: Int) -> [[UInt8]] {
        (0..<count).map { Part.manifestEntry("device\($0)", type: UInt32(1 + $0 % 2)) }
    }

    private static let wrongSize = "its size does not fit its number of entries"

    private func error(_ bytes: [UInt8]) -> String? {
        do throws(InputError) {
            _ = try ApplicationManifest(decoding: bytes)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: [0, 1, 2, 63])
    func acceptsDevices(_ count: Int) throws {
        let manifest = try ApplicationManifest(decoding: Part.manifest(Self.devices(count)))
        #expect(manifest.entries.count == count + 1)
        #expect(manifest.devices.map { $0.name } == (0..<count).map { "device\($0)" })
    }

    @Test("attack 21: too many devices") func refusesOneDeviceTooMany() {
        #expect(error(Part.manifest(Self.devices(64))) == "65 entries, not 1 to 64")
    }

    @Test func refusesNoEntries() {
        #expect(
            error(littleEndian(1 as UInt32) + littleEndian(0 as UInt32)) == "0 entries, not 1 to 64"
        )
    }

    @Test(arguments: [0, 2, 0x0100_0001, .max] as [UInt32])
    func refusesVersion(_ version: UInt32) {
        #expect(error(Part.manifest(version: version)) == "version \(version), not 1")
    }

    /// Less than the two words that come first.
    @Test(arguments: [0, 1, 4, 7])
    func refusesShortContent(_ count: Int) {
        #expect(error(Array(Part.manifest().prefix(count))) == Self.wrongSize)
    }

    @Test func sizeIsExact() {
        let bytes = Part.manifest(Self.devices(2))
        #expect(error(bytes.dropLast()) == Self.wrongSize)
        #expect(error(bytes + [0]) == Self.wrongSize)
        #expect(error(bytes.dropLast(104)) == Self.wrongSize)
        #expect(error(bytes) == nil)
    }

    @Test func refusesCountThatDoesNotFitTheSize() {
        var bytes = Part.manifest(Self.devices(1))
        for count: UInt8 in [1, 3, 64] {
            bytes[4] = count
            #expect(error(bytes) == Self.wrongSize)
        }
    }

    @Test func firstEntryIsReserved() {
        let net = Part.manifestEntry("net", type: 2)
        let named = Part.manifestEntry("x", type: 0x4000_0000)
        let other = Part.manifestEntry("", type: 0x4000_0001)
        for entry in [net, named, other] {
            let head = littleEndian(1 as UInt32) + littleEndian(1 as UInt32)
            #expect(error(head + entry) == "its first entry is not the reserved one")
        }
    }

    @Test(arguments: [0, 1, 63])
    func refusesNameWithoutEnd(_ index: Int) {
        var bytes = Part.manifest(Self.devices(63))
        // The last byte of a name, whatever comes before.
        bytes[8 + index * 104 + 67] = 1
        #expect(error(bytes) == "the name of entry \(index) has no end")
    }

    @Test("attack 21: devices that claim to be attached", arguments: [0, 1, 63])
    func refusesWhatIsAttached(_ index: Int) {
        var bytes = Part.manifest(Self.devices(63))
        bytes[8 + index * 104 + 96] = 0x80
        #expect(error(bytes) == "entry \(index) claims to be attached already")
    }

    @Test func refusalNamesFileAndRule() throws {
        var elf = ELFBuilder.guest()
        elf.parts[GuestPart.manifestNote] = .manifestNote(Part.manifest(version: 7))
        #expect(try problem(with: elf) == .manifest(why: "version 7, not 1"))
    }

    // MARK: What the reference does not check either

    @Test func acceptsLongestName() throws {
        let name = String(repeating: "n", count: 67)
        let manifest = try ApplicationManifest(
            decoding: Part.manifest([Part.manifestEntry(name, type: 2)]))
        #expect(manifest.handle(named: name, type: .net) == 1)
    }

    @Test func nameEndsAtItsFirstNUL() throws {
        var bytes = Part.manifest([Part.manifestEntry("net", type: 2)])
        bytes[8 + 104 + 5] = UInt8(ascii: "x")
        #expect(try ApplicationManifest(decoding: bytes)[1].name == "net")
    }

    @Test func acceptsUnknownTypesAndReservedOnes() throws {
        let manifest = try ApplicationManifest(
            decoding: Part.manifest([
                Part.manifestEntry("a", type: 3), Part.manifestEntry("b", type: 0x3FFF_FFFF),
                Part.manifestEntry("c", type: 0x4000_0000), Part.manifestEntry("d", type: .max),
            ]))
        #expect(manifest.devices.map { $0.name } == ["a", "b"])
        #expect(manifest[1].type.description == "<undefined type>")
    }

    @Test func acceptsEmptyAndDoubleNames() throws {
        let manifest = try ApplicationManifest(
            decoding: Part.manifest([
                Part.manifestEntry("", type: 1), Part.manifestEntry("a", type: 1),
                Part.manifestEntry("a", type: 2), Part.manifestEntry("a", type: 2),
            ]))
        #expect(manifest.handle(named: "", type: .block) == 1)
        #expect(manifest.handle(named: "a", type: .block) == 2)
        #expect(manifest.handle(named: "a", type: .net) == 3)
        #expect(manifest.handle(named: "b", type: .net) == nil)
        #expect(manifest.names(of: .block) == ["", "a"])
    }

    /// Equality of names is equality of bytes: Swift's strings know more than one spelling.
    @Test func namesAreBytes() throws {
        let manifest = try ApplicationManifest(
            decoding: Part.manifest([Part.manifestEntry("\u{E9}", type: 2)]))
        #expect(manifest.handle(named: "e\u{301}", type: .net) == nil)
        #expect(manifest.handle(named: "\u{E9}", type: .net) == 1)
    }
}
