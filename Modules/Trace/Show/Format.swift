/// Formats numbers and text, without floating point.
enum Format {
    /// As in "812 ns" or "12.3 us".
    static func duration(_ nanoseconds: UInt64) -> String {
        switch nanoseconds {
        case 0..<10_000: "\(nanoseconds) ns"
        case 10_000..<10_000_000: fixed(nanoseconds / 100, decimals: 1) + " us"
        case 10_000_000..<10_000_000_000: fixed(nanoseconds / 100_000, decimals: 1) + " ms"
        default: fixed(nanoseconds / 100_000_000, decimals: 1) + " s"
        }
    }

    /// Round times for a scale of this length, at most eleven with the first, which is 0; all are
    /// told in one unit.
    static func ticks(upTo length: UInt64) -> [(time: UInt64, label: String)] {
        var step: UInt64 = 1
        var power: UInt64 = 1
        search: while true {
            for factor in [1, 2, 5] as [UInt64] {
                step = power * factor
                if length / step <= 10 { break search }
            }
            power *= 10
        }
        let units: [(name: String, digits: Int, size: UInt64)] = [
            ("s", 9, 1_000_000_000), ("ms", 6, 1_000_000), ("us", 3, 1000), ("ns", 0, 1),
        ]
        let unit = units.first { length >= $0.size } ?? units[3]
        return (0...length / step).map { index in
            let time = index * step
            var digits = fixed(time, decimals: unit.digits)[...]
            while digits.last == "0", unit.digits > 0 { digits = digits.dropLast() }
            if digits.last == "." { digits = digits.dropLast() }
            return (time, time == 0 ? "0" : "\(digits) \(unit.name)")
        }
    }

    /// Seconds with nine decimals.
    static func seconds(_ nanoseconds: UInt64) -> String { fixed(nanoseconds, decimals: 9) }

    static func microseconds(_ nanoseconds: UInt64) -> String { fixed(nanoseconds, decimals: 3) }

    /// `value` as a decimal fraction: its last `decimals` digits follow the point.
    static func fixed(_ value: UInt64, decimals: Int) -> String {
        let digits = String(value)
        let zeros = String(repeating: "0", count: max(0, decimals + 1 - digits.utf8.count))
        let all = zeros + digits
        return "\(all.dropLast(decimals)).\(all.suffix(decimals))"
    }

    /// A share of a whole, as in "12.5%".
    static func share(_ part: UInt64, of whole: UInt64) -> String {
        whole == 0 ? "-" : fixed(scaled(part, of: whole, to: 1000), decimals: 1) + "%"
    }

    /// Scales `part` of `whole` to the range from 0 to `length`.
    static func scaled(_ part: UInt64, of whole: UInt64, to length: UInt64) -> UInt64 {
        guard whole > 0 else { return 0 }
        // The quotient is at most `length`.
        return whole.dividingFullWidth(min(part, whole).multipliedFullWidth(by: length)).quotient
    }

    /// Escapes text for XML.
    static func escaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): bytes += "&amp;".utf8
            case UInt8(ascii: "<"): bytes += "&lt;".utf8
            case UInt8(ascii: ">"): bytes += "&gt;".utf8
            case UInt8(ascii: "\""): bytes += "&quot;".utf8
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
