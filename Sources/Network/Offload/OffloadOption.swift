import Tender

/// The values of `--net-offload`: whether taps deliver and take super-frames.
public enum OffloadOption: String {
    case auto, off

    /// The last that the options say.
    public init(_ options: [OptionValue]) throws(ModuleError) {
        self = .auto
        for option in options where option.name == "net-offload" {
            guard let value = Self(rawValue: option.value) else {
                throw ModuleError(
                    "net-offload is auto or off, not \(quoted(option.value))", option: option)
            }
            self = value
        }
    }
}
