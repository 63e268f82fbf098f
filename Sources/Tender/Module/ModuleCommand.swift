/// A `pinnace` command that a module adds.
public struct ModuleCommand {
    /// The name: "trace".
    public let name: String
    /// The operands after the name, for the synopsis.
    public let operands: String
    /// One line.
    public let summary: String
    /// The text of `--help`: sentences, with an empty line at the end.
    public let about: String
    public let options: [OptionSpecification]
    /// - Returns: the exit status.
    public let run: (_ request: CommandRequest) throws(ModuleError) -> Int32

    public init(
        name: String, operands: String, summary: String, about: String,
        options: [OptionSpecification],
        run: @escaping (_ request: CommandRequest) throws(ModuleError) -> Int32
    ) {
        self.name = name
        self.operands = operands
        self.summary = summary
        self.about = about
        self.options = options
        self.run = run
    }
}

/// The command line of a module's command.
public struct CommandRequest {
    /// In order; each is known, and given once unless it is repeatable.
    public let options: [OptionValue]
    public let operands: [String]
    /// Writes to standard output.
    public let print: (_ text: String) -> Void

    public init(
        options: [OptionValue], operands: [String], print: @escaping (_ text: String) -> Void
    ) {
        self.options = options
        self.operands = operands
        self.print = print
    }
}
