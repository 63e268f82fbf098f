import Tender

/// Parses the memory sizes of options.
enum MemoryArgument {
    /// A number of MiB, in bytes.
    ///
    /// - Returns: nil if it is no decimal number above 0, or overflows in bytes.
    static func mebibytes(_ text: String) -> UInt64? {
        ByteCount.bytes(text.utf8, shift: 20)
    }

    /// A number of MiB or, with a suffix K, M or G, of KiB, MiB or GiB; the result is in bytes.
    static func size(_ text: String) -> UInt64? {
        let number = text.utf8.dropLast()
        return switch text.utf8.last {
        case UInt8(ascii: "K"), UInt8(ascii: "k"): ByteCount.bytes(number, shift: 10)
        case UInt8(ascii: "M"), UInt8(ascii: "m"): ByteCount.bytes(number, shift: 20)
        case UInt8(ascii: "G"), UInt8(ascii: "g"): ByteCount.bytes(number, shift: 30)
        default: mebibytes(text)
        }
    }

    /// Whether it is 0, of whatever unit.
    static func isNothing(_ text: String) -> Bool {
        let digits = text.utf8.prefix { $0 == UInt8(ascii: "0") }
        let rest = String(decoding: text.utf8.dropFirst(digits.count), as: UTF8.self)
        return !digits.isEmpty && ["", "K", "M", "G", "k", "m", "g"].contains(rest)
    }

    /// A number of bytes, or of the unit that follows it; the result is in bytes.
    static func byteSize(_ text: String) -> UInt64? { ByteCount.parse(text) }
}
