import JSON

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
            if scalar.isUnprintable {
                shown += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }
}
