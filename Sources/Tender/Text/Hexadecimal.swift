/// A number as C's "0x%" PRIx64 prints it.
public func hexadecimal(_ value: UInt64) -> String {
    "0x" + String(value, radix: 16)
}
