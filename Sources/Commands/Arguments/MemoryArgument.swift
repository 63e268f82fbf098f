import Tender

/// How much memory an option asks for.
enum MemoryArgument {
    /// A number of MiB, in bytes.
    ///
    /// - Returns: nil if it is no decimal number above 0, or too large to count in bytes.
    static func mebibytes(_ text: String) -> UInt64? {
        ByteCount.bytes(text.utf8, shift: 20)
    }

    /// A number of MiB or, with one of the letters K, M and G behind it, of KiB, MiB or GiB.
    static func size(_ text: String) -> UInt64? {
        let number = text.utf8.dropLast()
        return switch text.utf8.last {
        case UInt8(ascii: "K"), UInt8(ascii: "k"): ByteCount.bytes(number, shift: 10)
        case UInt8(ascii: "M"), UInt8(ascii: "m"): ByteCount.bytes(number, shift: 20)
        case UInt8(ascii: "G"), UInt8(ascii: "g"): ByteCount.bytes(number, shift: 30)
        default: mebibytes(text)
        }
    }

    /// A number of bytes, or of a unit that is behind it.
    static func byteSize(_ text: String) -> UInt64? { ByteCount.parse(text) }
}
