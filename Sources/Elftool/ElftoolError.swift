import JSON

/// A failure of the tool; each is one line for the user.
enum ElftoolError: Error, Equatable {
    /// An error in a manifest's source.
    case source(file: String, line: Int, message: String)
    /// An error with a file.
    case failed(String)
    /// An error in the command line; the usage text follows.
    case usage

    /// The message, without the program's name and the line feed.
    ///
    /// Keys and file names are untrusted: line breaks and control characters are shown as escapes.
    var line: String {
        let text =
            switch self {
            case .source(let file, let line, let message): "\(file):\(line): \(message)"
            case .failed(let message): message
            case .usage: ""
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
