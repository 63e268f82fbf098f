import Testing

@testable import Commands

@Suite struct MemoryArgumentTests {
    @Test(
        arguments: [
            ("1", 1), ("2", 2), ("3", 3), ("512", 512), ("0064", 64), ("4096", 4096),
            ("4097", 4097),
            ("4098", 4098), ("17592186044415", 17_592_186_044_415),
        ] as [(String, UInt64)])
    func `a number of MiB`(text: String, number: UInt64) {
        #expect(MemoryArgument.mebibytes(text) == number << 20)
        #expect(MemoryArgument.size(text) == number << 20)
    }

    @Test(arguments: [
        "", "0", "000", "-1", "+1", " 1", "1 ", "16x", "0x10", "1.5", "1e3", "x", "١",
        // 2^44 MiB are 2^64 bytes.
        "17592186044416", "18446744073709551615", "18446744073709551616",
        "99999999999999999999999999",
    ])
    func `anything else`(text: String) {
        #expect(MemoryArgument.mebibytes(text) == nil)
        #expect(MemoryArgument.size(text) == nil)
    }

    @Test(
        arguments: [
            ("2048K", 2048), ("4m", 4096), ("4M", 4096), ("1G", 1 << 20), ("4g", 4 << 20),
        ] as [(String, UInt64)])
    func `a size with its unit`(text: String, kibibytes: UInt64) {
        #expect(MemoryArgument.size(text) == kibibytes << 10)
        #expect(MemoryArgument.mebibytes(text) == nil)
    }

    @Test(arguments: ["K", "0K", "1T", "1KB", "1GiB", "M1", "-1M", "17179869184G", "1kK"])
    func `no size with a unit`(text: String) {
        #expect(MemoryArgument.size(text) == nil)
    }

    @Test(
        arguments: [
            ("64MiB", 64 << 20), ("64 mib", 64 << 20), ("64M", 64 << 20), ("64mb", 64 << 20),
            ("512Mi", 512 << 20), ("4G", 4 << 30), ("1GiB", 1 << 30), ("1gb", 1 << 30),
            ("65536K", 64 << 20), ("65536KiB", 64 << 20), ("1TiB", 1 << 40),
            ("67108864", 64 << 20), ("67108864B", 64 << 20), ("1", 1), ("1.5GiB", 3 << 29),
            ("0.5 gib", 1 << 29), ("1.0", 1), ("0.0000000001", 1),
            ("64.000000000000000000M", 64 << 20),
            ("0.999999999999999999TiB", 1 << 40), ("16777215.5T", 0xFFFF_FF80 << 32),
        ] as [(String, UInt64)])
    func `a size in bytes or with a unit`(text: String, bytes: UInt64) {
        #expect(MemoryArgument.byteSize(text) == bytes)
    }

    @Test(arguments: [
        "", "0", "0MiB", "-1", "+1", "MiB", ".5GiB", "1.GiB", "1..5G", "0.0G", "1.5.1G",
        "1.0000000000000000000G", "16777215.9999999999999T", "1,5G", "64MiBs", "64Mx", "64 M iB",
        " 64M", "64M ",
        "64ib", "0x40M", "18446744073709551616", "16777216TiB", "64\u{4D}\u{308}",
    ])
    func `no size in bytes`(text: String) {
        #expect(MemoryArgument.byteSize(text) == nil)
    }
}
