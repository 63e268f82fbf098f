import Testing

@testable import HVT
@testable import Tender

/// How much memory a guest gets for what was asked (solo5-hvt specification, 1.4).
struct MemorySizeTests {
    static let gibibyte: UInt64 = 1 << 30

    static let sizes: [(asked: UInt64, bytes: UInt64)] = [
        (0, 2 * mebibyte), (1, 2 * mebibyte), (2 * mebibyte - 1, 2 * mebibyte),
        (2 * mebibyte, 2 * mebibyte), (2 * mebibyte + 1, 2 * mebibyte),
        (3 * mebibyte, 2 * mebibyte), (4 * mebibyte - 1, 2 * mebibyte),
        (4 * mebibyte, 4 * mebibyte), (512 * mebibyte, 512 * mebibyte),
        (511 * mebibyte, 510 * mebibyte), (4 * gibibyte, 4 * gibibyte),
        (4 * gibibyte + 1, 4 * gibibyte), (4097 * mebibyte, 4 * gibibyte),
        (4098 * mebibyte - 1, 4 * gibibyte),
    ]

    @Test(arguments: sizes)
    func rounds(_ asked: UInt64, _ bytes: UInt64) throws {
        let size = try MemorySize(asked: asked)
        #expect(size.bytes == bytes)
        #expect(size.isAdjusted == (asked != bytes))
    }

    @Test(arguments: [4098 * mebibyte, 8 * gibibyte, .max])
    func refuses(_ asked: UInt64) {
        let rounded = asked & ~(2 * mebibyte - 1)
        #expect(throws: TenderError.memoryTooLarge(asked: rounded, most: 4 * Self.gibibyte)) {
            try MemorySize(asked: asked)
        }
    }

    @Test func refusalHasBothNumbers() {
        let error = TenderError.memoryTooLarge(asked: 4_297_064_448, most: 4_294_967_296)
        #expect(
            error.description
                == "guest memory size 4297064448 bytes exceeds the max size 4294967296 bytes")
    }

    @Test func standardIsHalfAGibibyte() {
        #expect(MemorySize.standard.bytes == 512 * mebibyte)
        #expect(!MemorySize.standard.isAdjusted)
    }
}
