import JSON

/// A failure to make the note; each is one line for the user.
enum ManifestError: Error {
    /// An error in the manifest itself.
    case source(file: String, line: Int, message: String)
    /// An error in the command line or with a file.
    case command(String)

    /// The line for standard error, without its line feed.
    ///
    /// Keys and file names are untrusted: line breaks and control characters are shown as escapes.
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
