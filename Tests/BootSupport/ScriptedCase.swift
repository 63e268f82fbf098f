import TestSupport
import Testing

/// A shell script and what must come of it: on this machine, or on another one that has the tender,
/// the guests and a shell.
///
/// Environment: PINNACE and PINNACE_DEBUG are tenders, GUESTS the directory of guests, WORK an empty
/// directory.
protocol ScriptedCase: Sendable, CustomTestStringConvertible {
    var script: String { get }
    /// The names of all guests of ours that it runs.
    var guests: [String] { get }
    var expectation: ExpectedEnd { get }
    /// What complaints begin with.
    var program: String { get }
}

extension ScriptedCase {
    var program: String { "pinnace" }

    /// Runs it on this machine.
    ///
    /// - Parameter inNamespace: whether in a network namespace of its own.
    /// - Returns: all that is not as expected.
    func objections(_ flavour: Flavour, inNamespace: Bool = false) throws -> [String] {
        try objections(
            ["PINNACE": flavour.path, "PINNACE_DEBUG": flavour.debugPath],
            inNamespace: inNamespace)
    }

    /// Runs it on this machine with tenders from the environment.
    func objections(
        _ environment: [String: String], inNamespace: Bool = false
    ) throws -> [String] {
        let directory = try TemporaryDirectory()
        let outcome = try Shell.run(
            inNamespace ? Namespace.command(script) : script,
            environment: environment.merging(
                ["GUESTS": Host.guests, "WORK": directory.path]) { $1 })
        return expectation.objections(
            status: outcome.status, output: outcome.output, error: outcome.error, program: program)
    }
}

/// One that is written as a script.
struct ScriptCase: ScriptedCase {
    let testDescription: String
    let guests: [String]
    let script: String
    let expectation: ExpectedEnd

    /// - Parameters:
    ///   - script: is run in the empty directory, without a word on standard error.
    ///   - output: all lines.
    init(_ name: String, guests: [String], output: [String], script: String) {
        testDescription = name
        self.guests = guests
        // The shell tells on standard error what signals its children died of.
        self.script = "exec 2>/dev/null\ncd \"$WORK\"\n\(script)\n"
        expectation = .success(.exactly(output.map { "\($0)\n" }.joined()))
    }
}
