/// A message as a JSON object on a line of its own. Nothing is allocated: handlers of signals write
/// some.
///
/// This is one of the files with unsafe pointers: a handler can't have strings.
struct LogRecord: ~Copyable {
    // Written out when it is full: a message may be of any length.
    private var bytes = InlineArray<1024, UInt8>(repeating: 0)
    private var count = 0
    private let isDirect: Bool
    private var isWritten = true

    /// Writes `{"program":PROGRAM,"message":MESSAGE}` to standard error.
    ///
    /// - Parameters:
    ///   - message: the line feed at its end and the program's name at its start are left out.
    ///   - isDirect: see `StandardError.writeDirectly`.
    /// - Returns: whether all was written.
    static func write(
        _ message: UnsafeRawBufferPointer, of program: UnsafeBufferPointer<UInt8>, isDirect: Bool
    ) -> Bool {
        var record = LogRecord(isDirect: isDirect)
        record.append("{\"program\":\"")
        // Both texts are valid during the call, and the indices are theirs.
        for index in program.indices { record.append(escaping: unsafe program[index]) }
        record.append("\",\"message\":\"")
        let start = unsafe prefixCount(message, program)
        let end = unsafe message.last == UInt8(ascii: "\n") ? message.count - 1 : message.count
        var index = start
        while index < end {
            record.append(escaping: unsafe message[index])
            index += 1
        }
        record.append("\"}\n")
        record.flush()
        return record.isWritten
    }

    private init(isDirect: Bool) {
        self.isDirect = isDirect
    }

    /// The count of bytes in "PROGRAM: ", if the message begins so.
    private static func prefixCount(
        _ message: UnsafeRawBufferPointer, _ program: UnsafeBufferPointer<UInt8>
    ) -> Int {
        let count = program.count
        guard message.count >= count + 2,
            unsafe message.prefix(count).elementsEqual(program),
            unsafe message[count] == UInt8(ascii: ":"),
            unsafe message[count + 1] == UInt8(ascii: " ")
        else { return 0 }
        return count + 2
    }

    private mutating func append(escaping byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case UInt8(ascii: "\n"): append("\\n")
        case 0..<0x20, 0x7F:
            append("\\u00")
            append(Self.digit(byte >> 4))
            append(Self.digit(byte & 0xF))
        default: append(byte)
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    private mutating func append(_ text: StaticString) {
        for index in 0..<text.utf8CodeUnitCount {
            // A constant of the program.
            append(unsafe text.utf8Start[index])
        }
    }

    private mutating func append(_ byte: UInt8) {
        if count == bytes.count { flush() }
        bytes[count] = byte
        count += 1
    }

    private mutating func flush() {
        let filled = count
        count = 0
        guard isWritten else { return }
        let isDirect = isDirect
        // The bytes stay valid inside this closure.
        isWritten = unsafe withUnsafeBytes(of: bytes) {
            unsafe StandardError.write(
                plain: UnsafeRawBufferPointer(rebasing: $0.prefix(filled)), isDirect: isDirect)
        }
    }
}
