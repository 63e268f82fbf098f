import Tender

/// An option's value that is a word and its sub-options: `passt,tcp=8080:80`.
struct SubOptions {
    let option: OptionValue
    /// What stands before the first comma.
    let word: String
    /// What follows, in order; a word without an equals sign has an empty value.
    let all: [(name: String, value: String)]

    private static let comma: UInt8 = 0x2C
    private static let equalsSign: UInt8 = 0x3D

    init(_ option: OptionValue) {
        self.option = option
        let parts = option.value.utf8.split(
            separator: Self.comma, omittingEmptySubsequences: false)
        word = parts.first.map(Self.text) ?? ""
        all = parts.dropFirst().map { part in
            let index = part.firstIndex(of: Self.equalsSign) ?? part.endIndex
            return (Self.text(part[..<index]), Self.text(part[index...].dropFirst()))
        }
    }

    private static func text(_ bytes: Substring.UTF8View) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    func unknown(_ name: String, known: String) -> ModuleError {
        .notAttached(option, "'\(name)' is none of \(known)")
    }

    func malformed(_ name: String, _ value: String, hint: String) -> ModuleError {
        .notAttached(option, "malformed sub-option: \(name)=\(value)", hint: hint)
    }

    /// The value of `mtu=`, in bytes.
    func mtu(_ value: String) throws(ModuleError) -> UInt16 {
        guard let mtu = UInt16(value), NetworkBackend.mtus ~= mtu else {
            throw malformed(
                "mtu", value,
                hint: "\(NetworkBackend.mtus.lowerBound) to \(NetworkBackend.mtus.upperBound)")
        }
        return mtu
    }
}
