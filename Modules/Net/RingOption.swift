import Tender

/// The values of `--net-ring`.
enum RingOption: String {
    case auto, on, sync, off

    /// The last that the options say; `--no-net-ring` says off.
    init(_ options: [OptionValue]) throws(ModuleError) {
        self = .auto
        for option in options {
            switch option.name {
            case "no-net-ring": self = .off
            case "net-ring":
                guard let value = Self(rawValue: option.value) else {
                    throw ModuleError(
                        "net-ring is auto, on, sync or off, not \(quoted(option.value))",
                        option: option)
                }
                self = value
            default: break
            }
        }
    }

    /// The guests that get the ring; nil for none.
    var offer: SharedRing.Offer? {
        switch self {
        case .auto, .sync: .toGuestsThatKnowIt
        case .on: .toAll
        case .off: nil
        }
    }
}
