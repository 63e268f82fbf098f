import CLinux
import Linux
import Tender

/// Where commands write: results to standard output, all else to standard error.
///
/// What a terminal would take for a command is not written: texts of images and guests are made
/// printable where they are quoted, and once more here should that have been forgotten.
package final class Streams {
    private let write: (_ text: String, _ descriptor: Int32) -> Bool
    /// Whether some result did not arrive.
    package private(set) var hasLostOutput = false

    /// - Parameter write: says whether all of the text was written.
    package init(write: @escaping (_ text: String, _ descriptor: Int32) -> Bool) {
        self.write = write
    }

    /// The standard streams of this process. Only results wait for their reader.
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
