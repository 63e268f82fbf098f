/// A program to measure.
struct Program {
    let name: String
    let path: String
    /// What comes before all other arguments.
    var prefix: [String] = []

    func command(_ arguments: [String]) -> Command {
        Command(words: [path] + prefix + arguments)
    }
}

/// A program and its arguments.
struct Command {
    let words: [String]

    /// The same, started by another command that ends in executing its last arguments.
    func through(_ starter: Command) -> Command {
        Command(words: starter.words + words)
    }
}
