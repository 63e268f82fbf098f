import CLinux
import Programs

/// A file path from the command line; `-` is a standard stream.
struct FilePath {
    static let standardStream = FilePath(text: "-")

    /// NUL-terminated, and not always valid UTF-8.
    let bytes: [CChar]

    init(text: String) {
        bytes = text.utf8.map { CChar(bitPattern: $0) } + [0]
    }

    init(_ argument: Argument) {
        bytes = argument.bytes.map { CChar(bitPattern: $0) } + [0]
    }

    /// Copies a NUL-terminated string.
    init(copying pointer: UnsafePointer<CChar>) {
        let length = unsafe strlen(pointer) + 1
        bytes = unsafe Array(UnsafeBufferPointer(start: pointer, count: length))
    }

    private init(bytes: [CChar]) {
        self.bytes = bytes
    }

    var isStandardStream: Bool { shown.utf8.elementsEqual("-".utf8) }

    /// The path as messages show it.
    var shown: String {
        String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// This path with `suffix` appended, in the same directory.
    func appending(_ suffix: String) -> FilePath {
        FilePath(bytes: bytes.dropLast() + FilePath(text: suffix).bytes)
    }
}

extension CommandError {
    /// The failure of the last system call (errno): the file, the action and the reason.
    static func system(_ action: String, _ file: String) -> CommandError {
        let reason =
            if let text = unsafe linux_error_text(linux_errno()) {
                // The text is valid until the next call of strerror; there is only one thread.
                unsafe String(cString: text)
            } else {
                "unknown error"
            }
        return CommandError("\(file): Could not \(action): \(reason)")
    }
}
