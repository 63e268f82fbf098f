/// Why there is no note: each case makes the one line that the user reads.
enum ManifestError: Error {
    /// A fault in the manifest itself.
    case source(file: String, line: Int, message: String)
    /// A fault in the command line or in the handling of a file.
    case command(String)

    /// The line for standard error, without its line feed.
    ///
    /// Keys and file names come from outside, so whatever could break the line or steer a
    /// terminal is shown as an escape.
    var line: String {
        let text =
            switch self {
            case .source(let file, let line, let message): "\(file):\(line): \(message)"
            case .command(let message): "manifest-note: \(message)"
            }
        var shown = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0..<0x20, 0x7f..<0xa0, 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069:
                shown += "\\u{" + String(scalar.value, radix: 16) + "}"
            default:
                shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }
}
