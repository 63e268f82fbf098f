/// A module's failure to attach: the problem, the object, and a remedy.
public struct ModuleError: Error, Equatable, Sendable {
    /// The sentence that the operator reads.
    public let text: String
    /// The option at fault, if any.
    public let option: OptionValue?
    /// A possible remedy.
    public let hint: String?

    public init(_ text: String, option: OptionValue? = nil, hint: String? = nil) {
        self.text = text
        self.option = option
        self.hint = hint
    }
}
