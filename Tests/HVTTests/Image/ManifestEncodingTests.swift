import ABI
import TestSupport
import Testing

@testable import HVT
@testable import Tender

/// The manifest as the guest reads it.
struct ManifestEncodingTests {
    @Test func roundTripKeepsEveryByte() throws {
        let devices = (1...63).map { (index: UInt64) in
            Part.manifestEntry(
                "device\(index)", type: UInt32(1 + index % 2),
                facts: (0x1122_3344_5566_7788 &* index, 0x99AA_BBCC_DDEE_FF00 &+ index))
        }
        let bytes = Part.manifest(devices)
        #expect(bytes.count == 8 + 64 * MemoryLayout<manifest_entry>.size)
        let manifest = try ApplicationManifest(decoding: bytes)
        #expect(manifest.encoded() == bytes)
        #expect(try ApplicationManifest(decoding: manifest.encoded()) == manifest)
    }

    /// Tenders of old left a pointer or a descriptor of theirs there.
    @Test("attack 21: what is the tender's own") func tenderPrivateIsZero() throws {
        let clean = Part.manifest([Part.manifestEntry("net", type: 2)])
        var bytes = clean
        for offset in Array(88..<96) + Array(97..<104) { bytes[8 + 104 + offset] = 0xFF }
        #expect(try ApplicationManifest(decoding: bytes).encoded() == clean)
    }

    @Test func saysWhatIsAttached() throws {
        var manifest = try ApplicationManifest(
            decoding: Part.manifest([
                Part.manifestEntry("a", type: 1), Part.manifestEntry("b", type: 1),
            ]))
        manifest[2].isAttached = true
        let bytes = manifest.encoded()
        let attached: [UInt8] = stride(from: 8 + 96, to: bytes.count, by: 104).map { bytes[$0] }
        #expect(attached == [0, 0, 1])
    }

    @Test func blockFactsAreInPlace() throws {
        var entry = ManifestEntry(name: "disk", type: .block)
        entry.capacity = 0x0123_4567_89AB_CDEF
        entry.blockSize = 0x0200
        let bytes = ApplicationManifest(devices: [entry]).encoded()
        let capacity: [UInt8] = [0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x01]
        #expect(Array(bytes[184..<192]) == capacity)
        #expect(Array(bytes[192..<200]) == [0, 2, 0, 0, 0, 0, 0, 0])
        #expect(entry.capacity == 0x0123_4567_89AB_CDEF && entry.blockSize == 512)
    }

    @Test func netFactsAreInPlace() throws {
        var entry = ManifestEntry(name: "net", type: .net)
        entry.mac = [2, 3, 4, 5, 6, 7]
        entry.mtu = 1500
        let bytes = ApplicationManifest(devices: [entry]).encoded()
        #expect(Array(bytes[184..<192]) == [2, 3, 4, 5, 6, 7, 0xDC, 0x05])
        #expect(entry.mac == [2, 3, 4, 5, 6, 7] && entry.mtu == 1500)
        // Neither disturbs the other.
        entry.mac = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
        #expect(entry.mtu == 1500)
        entry.mtu = 0
        #expect(entry.mac == [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
        entry.mac = [0, 0, 0, 0, 0, 0]
        #expect(entry == ManifestEntry(name: "net", type: .net))
    }

    /// What the image's author filled in stays until somebody says otherwise.
    @Test func presetsAreKept() throws {
        let bytes = Part.manifest([
            Part.manifestEntry("disk", type: 1, facts: (0, 4096)),
            Part.manifestEntry("net", type: 2, facts: (0x05DC_0706_0504_0302, 0)),
        ])
        var manifest = try ApplicationManifest(decoding: bytes)
        #expect(manifest[1].blockSize == 4096)
        #expect(manifest[2].mac == [2, 3, 4, 5, 6, 7] && manifest[2].mtu == 1500)
        manifest[1].capacity = 1 << 20
        #expect(manifest[1].blockSize == 4096)
    }

    @Test func blockSizeLeavesTheRestOfItsWord() throws {
        let bytes = Part.manifest([
            Part.manifestEntry("disk", type: 1, facts: (0, 0xAABB_CCDD_EEFF_0000))
        ])
        var manifest = try ApplicationManifest(decoding: bytes)
        manifest[1].blockSize = 0x1234
        #expect(
            Array(manifest.encoded()[192..<200])
                == [0x34, 0x12, 0xFF, 0xEE, 0xDD, 0xCC, 0xBB, 0xAA])
    }
}
