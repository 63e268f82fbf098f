import CLinux
import JSON
import Programs

/// An input file: its name for messages, and its contents.
struct SourceFile {
    let name: String
    let contents: [UInt8]

    /// Reads the whole file `path`, or standard input.
    init(_ path: FilePath) throws(CommandError) {
        if path.isStandardStream {
            name = "<stdin>"
            contents = try Self.readAll(STDIN_FILENO, name)
            return
        }
        name = path.shown
        // An array bridges to a pointer that is valid for the call.
        let file = unsafe linux_open(path.bytes, O_RDONLY | O_CLOEXEC, 0)
        guard file >= 0 else {
            throw .system("open for reading", name)
        }
        defer { close(file) }
        contents = try Self.readAll(file, name)
    }

    private static func readAll(_ file: Int32, _ name: String) throws(CommandError) -> [UInt8] {
        var contents: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            // The pointer does not leave the closure, and its count bounds the call.
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe read(file, $0.baseAddress, $0.count)
            }
            if count == 0 { return contents }
            if count > 0 {
                contents.append(contentsOf: buffer[..<count])
            } else if linux_errno() != EINTR {
                throw .system("read", name)
            }
            // Bounds reads from an endless source.
            if contents.count > JSONReader.maximumSize {
                throw CommandError("\(name): it is larger than \(JSONReader.maximumSize) bytes")
            }
        }
    }
}
