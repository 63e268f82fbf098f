/// Numbers of bytes as people write them.
package enum ByteCount {
    /// A number of bytes or, with a unit behind it in whatever case, of KiB, MiB, GiB or TiB. The
    /// units of thousands count as those of 1024: what they say themselves is no whole number of
    /// pages.
    ///
    /// - Returns: nil if it is no decimal number above 0, or too large.
    package static func parse(_ text: String) -> UInt64? {
        let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let unit = text.utf8.dropFirst(digits.count).drop { $0 == UInt8(ascii: " ") }
        // Lowercase; other bytes become what is no unit either.
        switch String(decoding: unit.map { $0 | 0x20 }, as: UTF8.self) {
        case "", "b": return bytes(digits, shift: 0)
        case "k", "kb", "ki", "kib": return bytes(digits, shift: 10)
        case "m", "mb", "mi", "mib": return bytes(digits, shift: 20)
        case "g", "gb", "gi", "gib": return bytes(digits, shift: 30)
        case "t", "tb", "ti", "tib": return bytes(digits, shift: 40)
        default: return nil
        }
    }

    /// A decimal number of units of `1 << shift` bytes.
    package static func bytes(_ digits: some Collection<UInt8>, shift: UInt64) -> UInt64? {
        guard let number = decimal(digits), number > 0 else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
        return overflow ? nil : bytes
    }

    /// Digits and nothing else: no sign, no blanks.
    private static func decimal(_ digits: some Collection<UInt8>) -> UInt64? {
        guard !digits.isEmpty else { return nil }
        var number: UInt64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            number = sum
        }
        return number
    }
}
