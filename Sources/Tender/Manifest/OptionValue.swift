/// An option on the command line.
public struct OptionValue: Equatable, Sendable {
    /// Without the dashes.
    public let name: String
    /// The device's name; empty if the option takes none.
    public let device: String
    /// The value; empty for a flag.
    public let value: String

    public init(name: String, device: String = "", value: String = "") {
        self.name = name
        self.device = device
        self.value = value
    }

    /// The option as on the command line.
    public var text: String {
        "--\(name)\(device.isEmpty ? "" : ":\(device)")\(value.isEmpty ? "" : "=\(value)")"
    }
}
