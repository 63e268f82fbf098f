/// Byte counts as operators write them.
package enum ByteCount {
    /// Parses a number of bytes or, with a unit after it in any case, of KiB, MiB, GiB or TiB.
    /// Decimal units (kB, MB …) count as binary ones, since they are no multiples of the page size.
    /// A fraction such as 1.5 is rounded up to whole bytes.
    ///
    /// - Returns: nil if it is not a decimal number above 0, or too large.
    package static func parse(_ text: String) -> UInt64? {
        let digits = text.utf8.prefix(while: isDigit)
        var rest = text.utf8.dropFirst(digits.count)
        var fraction = rest.prefix(0)
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix(while: isDigit)
            guard !fraction.isEmpty else { return nil }
            rest = rest.dropFirst(1 + fraction.count)
        }
        let unit = rest.drop { $0 == UInt8(ascii: " ") }
        // Lowercases letters; other bytes don't become letters of a unit.
        let shift: UInt64
        switch String(decoding: unit.map { $0 | 0x20 }, as: UTF8.self) {
        case "", "b": shift = 0
        case "k", "kb", "ki", "kib": shift = 10
        case "m", "mb", "mi", "mib": shift = 20
        case "g", "gb", "gi", "gib": shift = 30
        case "t", "tb", "ti", "tib": shift = 40
        default: return nil
        }
        guard !fraction.isEmpty else { return bytes(digits, shift: shift) }
        guard let whole = decimal(digits), let part = part(fraction, shift: shift) else {
            return nil
        }
        let (bytes, overflow) = whole.multipliedReportingOverflow(by: 1 << shift)
        let (sum, carry) = bytes.addingReportingOverflow(part)
        return overflow || carry || sum == 0 ? nil : sum
    }

    /// A decimal fraction of `1 << shift` bytes, rounded up.
    private static func part(_ digits: some Collection<UInt8>, shift: UInt64) -> UInt64? {
        // 10^18 fits into 64 bits.
        guard digits.count <= 18, let number = decimal(digits) else { return nil }
        let power = digits.reduce(1 as UInt64) { power, _ in power &* 10 }
        // `number` is less than `power`, and so is the product's upper half.
        let (quotient, remainder) = power.dividingFullWidth(
            number.multipliedFullWidth(by: 1 << shift))
        return quotient &+ (remainder == 0 ? 0 : 1)
    }

    /// A size in bytes as messages tell it: in MiB or KiB if it is a whole number of them.
    package static func text(_ bytes: UInt64) -> String {
        if bytes == 0 || bytes % 1024 != 0 { return "\(bytes) bytes" }
        return bytes % (1 << 20) == 0 ? "\(bytes >> 20) MiB" : "\(bytes >> 10) KiB"
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
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
            guard isDigit(digit) else { return nil }
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            number = sum
        }
        return number
    }
}
