/// Why a module can't attach: what, to which thing, and what to do about it.
public struct ModuleError: Error, Equatable, Sendable {
    /// The sentence that the operator reads.
    public let text: String
    /// The option at fault, if it is one.
    public let option: OptionValue?
    /// What may help.
    public let hint: String?

    public init(_ text: String, option: OptionValue? = nil, hint: String? = nil) {
        self.text = text
        self.option = option
        self.hint = hint
    }
}
