import CLinux

/// A file with options that the operator names: also a FIFO, as `<(command)` makes it, or /dev/null.
public enum OptionFile {
    /// How long a writer at the other end may take in all, in nanoseconds.
    private static let patience: UInt64 = 5_000_000_000
    private static let pieceSize = 4096

    /// All that can be read from the file.
    ///
    /// - Parameter most: how many bytes it can have.
    /// - Throws: EFBIG if there are more, ETIMEDOUT if a writer does not come to an end.
    public static func read(_ path: String, most: Int) throws(Errno) -> [UInt8] {
        let file = try FileDescriptor.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        let deadline = Deadline(after: patience)
        var content: [UInt8] = []
        while true {
            // A FIFO that has had no writer yet is not at its end, though read(2) says so.
            guard Readiness.wait(file.number, -1, upTo: deadline.remaining).first else {
                guard deadline.remaining > 0 else { throw Errno(ETIMEDOUT) }
                continue
            }
            let piece = try file.readNext(pieceSize)
            if piece.isEmpty { return content }
            content += piece
            guard content.count <= most else { throw Errno(EFBIG) }
        }
    }

    /// Whether there is a file of this name, whatever it is.
    public static func exists(_ path: String) -> Bool {
        // The C string lives as long as the call.
        unsafe access(path, F_OK) == 0
    }
}

extension FileDescriptor {
    /// read(2): up to `count` bytes; none at the end.
    fileprivate borrowing func readNext(_ count: Int) throws(Errno) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let number = number
        // The kernel stays within the array.
        let filled = try retrying {
            unsafe bytes.withUnsafeMutableBytes {
                unsafe CLinux.read(number, $0.baseAddress, $0.count)
            }
        }
        return Array(bytes.prefix(filled))
    }
}
