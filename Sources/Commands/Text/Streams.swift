import CLinux
import Linux

/// Where commands write: results to standard output, all else to standard error.
public final class Streams {
    private let write: (_ text: String, _ descriptor: Int32) -> Bool
    /// Whether some result did not arrive.
    private(set) var hasLostOutput = false

    /// - Parameter write: says whether all of the text was written.
    init(write: @escaping (_ text: String, _ descriptor: Int32) -> Bool) {
        self.write = write
    }

    /// The standard streams of this process. Only results wait for their reader.
    public static func standard() -> Streams {
        StandardError.adopt()
        return Streams { Output.write($0, to: $1) }
    }

    func print(_ text: String) {
        if !write(text, STDOUT_FILENO) { hasLostOutput = true }
    }

    func complain(_ text: String) {
        _ = write(text, STDERR_FILENO)
    }
}
