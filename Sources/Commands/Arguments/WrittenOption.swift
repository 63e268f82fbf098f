import Programs

/// An option as written on a command line: `--name`, `--name=value`, `--name:device`,
/// `--name:device=value`.
struct WrittenOption {
    let name: String
    let device: String?
    let value: String?

    /// - Returns: nil if the argument has another form.
    init?(_ argument: Argument) {
        let dash = UInt8(ascii: "-")
        guard argument.bytes.starts(with: [dash, dash]),
            let text = String(validating: argument.bytes.dropFirst(2), as: UTF8.self)
        else { return nil }
        let (key, value) = Self.split(text[...], at: UInt8(ascii: "="))
        let (name, device) = Self.split(key, at: UInt8(ascii: ":"))
        self.name = String(name)
        self.device = device.map { String($0) }
        self.value = value.map { String($0) }
    }

    private static func split(
        _ text: Substring, at separator: UInt8
    ) -> (Substring, Substring?) {
        guard let index = text.utf8.firstIndex(of: separator) else { return (text, nil) }
        return (text[..<index], text[text.utf8.index(after: index)...])
    }
}

/// Whether this is a valid device name: 1 to 67 ASCII letters and digits.
func isDeviceName(_ name: String) -> Bool {
    (1...67).contains(name.utf8.count)
        && name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"):
                true
            default: false
            }
        }
}
