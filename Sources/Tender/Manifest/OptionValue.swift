/// An option as it was given.
public struct OptionValue: Equatable, Sendable {
    /// Without the dashes.
    public let name: String
    /// Empty if the option is not about a device.
    public let device: String
    /// Empty for a flag.
    public let value: String

    public init(name: String, device: String = "", value: String = "") {
        self.name = name
        self.device = device
        self.value = value
    }

    /// As it was written.
    public var text: String {
        "--\(name)\(device.isEmpty ? "" : ":\(device)")\(value.isEmpty ? "" : "=\(value)")"
    }
}
