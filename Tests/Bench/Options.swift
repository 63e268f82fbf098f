/// The command line.
struct Options {
    static let usage = """
        usage: bench --tender PATH --stages PATH --guests DIR [--peer PATH] [--runs N] [--only TITLE]

          --tender  the release binary
          --stages  the same, built with trait Stages
          --guests  the folder of the built test guests
          --peer    a program with the command line of solo5-hvt, to compare with
          --runs    how often to launch each guest (default 200)
          --only    the parts whose titles begin like this: Launch, Network, ...
        """

    let tender: String
    let stages: String
    let guests: String
    let peer: String?
    let runs: Int
    let only: String?
    /// This program, and the words that these are from.
    let program = CommandLine.arguments[0]
    let words: [String]

    init(_ arguments: ArraySlice<String>) throws {
        words = Array(arguments)
        var values: [String: String] = [:]
        var rest = arguments
        while let option = rest.popFirst() {
            guard
                ["--tender", "--stages", "--guests", "--peer", "--runs", "--only"].contains(option)
            else {
                throw Failure(description: "unknown option \(option)\n\(Self.usage)")
            }
            guard let value = rest.popFirst() else {
                throw Failure(description: "\(option) needs a value\n\(Self.usage)")
            }
            values[option] = value
        }
        func needed(_ option: String) throws -> String {
            guard let value = values[option] else {
                throw Failure(description: "\(option) is missing\n\(Self.usage)")
            }
            return value
        }
        guard let runs = Int(values["--runs"] ?? "200"), runs > 0 else {
            throw Failure(description: "--runs needs a number above 0")
        }
        self.runs = runs
        tender = try needed("--tender")
        stages = try needed("--stages")
        guests = try needed("--guests")
        peer = values["--peer"]
        only = values["--only"]
    }
}
