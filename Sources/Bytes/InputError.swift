/// Why an input can't be used: part of a sentence, which the caller completes with the input's name.
/// It may quote the input, and with it control characters.
public struct InputError: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
