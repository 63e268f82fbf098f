import Bytes

extension [UInt8] {
    func word64(at offset: Int) -> UInt64? { load(UInt64.self, at: offset) }
    func word32(at offset: Int) -> UInt32? { load(UInt32.self, at: offset) }

    /// NUL-terminated text; bytes that are not printable ASCII become question marks.
    func text(at offset: Int, most: Int) -> String {
        let bytes = dropFirst(offset).prefix(most).prefix { $0 != 0 }
        return String(
            decoding: bytes.map { 0x20..<0x7F ~= $0 ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}
