import CLinux

/// A message of one line that is put together without allocating, for handlers of signals. What does
/// not fit is left out.
///
/// This is one of the files with unsafe pointers: a handler can't have strings.
@safe public struct MessageLine: ~Copyable {
    // Longer than any message of a handler.
    private var bytes = InlineArray<1024, UInt8>(repeating: 0)
    private var count = 0

    public init() {}

    public mutating func append(_ byte: UInt8) {
        guard count < bytes.count else { return }
        bytes[count] = byte
        count += 1
    }

    public mutating func append(_ text: StaticString) {
        // A constant of the program.
        unsafe append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// - Parameter text: valid during the call.
    public mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
        for index in text.indices { append(unsafe text[index]) }
    }

    /// Appends `0x` and the number's digits, without leading zeros.
    public mutating func append(hexadecimal number: UInt64) {
        append("0x")
        var shift = max(0, (63 - number.leadingZeroBitCount) / 4 * 4)
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: number >> UInt64(shift)) & 0xF
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            shift -= 4
        }
    }

    public mutating func append(decimal number: UInt64) {
        var divisor: UInt64 = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }

    /// Writes the line to standard error, with patience, and a line feed after it.
    public consuming func write() {
        append(UInt8(ascii: "\n"))
        // The bytes stay valid inside this closure, as below.
        unsafe withUnsafeBytes(of: bytes) {
            unsafe _ = StandardError.write(UnsafeRawBufferPointer(rebasing: $0.prefix(count)))
        }
    }

    /// As `write`, with write(2) as the only system call: for a process that may make no other.
    public consuming func writeDirectly() {
        append(UInt8(ascii: "\n"))
        unsafe withUnsafeBytes(of: bytes) {
            unsafe StandardError.writeDirectly(UnsafeRawBufferPointer(rebasing: $0.prefix(count)))
        }
    }
}
