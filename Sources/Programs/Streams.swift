import CLinux
import Linux
import Tender

/// The output streams of commands: results go to standard output, messages to standard error.
///
/// No control characters reach a terminal: texts of images and guests are escaped where they are
/// quoted, and again here in case that was missed.
package final class Streams {
    private let write: (_ text: String, _ descriptor: Int32) -> Bool
    /// Whether writing a result has failed.
    package private(set) var hasLostOutput = false

    /// - Parameter write: writes a text; returns whether all of it was written.
    package init(write: @escaping (_ text: String, _ descriptor: Int32) -> Bool) {
        self.write = write
    }

    /// The standard streams of this process. Writes of results block, messages do not.
    package static func standard() -> Streams {
        StandardError.adopt()
        return Streams { Output.write($0, to: $1) }
    }

    package func print(_ text: String) {
        if !write(printableLines(text), STDOUT_FILENO) { hasLostOutput = true }
    }

    package func complain(_ text: String) {
        _ = write(printableLines(text), STDERR_FILENO)
    }
}
