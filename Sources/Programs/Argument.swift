import CLinux

/// A command line argument: any bytes, as the caller passed them.
package struct Argument: Equatable, Sendable {
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    package init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The arguments of `main` (argc and argv).
    @unsafe package static func all(
        count: Int32, _ pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    ) -> [Argument] {
        var arguments: [Argument] = []
        arguments.reserveCapacity(Int(count))
        for index in 0..<Int(count) {
            // The caller guarantees `count` pointers to NUL-terminated strings.
            guard let start = unsafe pointers[index] else { break }
            let bytes = unsafe UnsafeRawBufferPointer(start: start, count: strlen(start))
            arguments.append(Argument(bytes: unsafe Array(bytes)))
        }
        return arguments
    }

    /// The argument as text; invalid UTF-8 becomes U+FFFD.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The argument as a file path.
    package var path: String {
        get throws(CommandError) {
            guard let path = String(validating: bytes, as: UTF8.self) else {
                throw CommandError("\(text): Could not open: its name is not UTF-8")
            }
            return path
        }
    }

    package var isOption: Bool { bytes.first == UInt8(ascii: "-") }

    /// The part after the last slash.
    package var baseName: String {
        let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        return String(decoding: bytes[start...], as: UTF8.self)
    }
}
