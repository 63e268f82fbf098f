import Foundation
import TestSupport

/// Shell scripts, which tests use where other programs have to take part.
enum Shell {
    /// As ip and its like are not in every user's path.
    private static let preamble = "PATH=$PATH:/usr/sbin:/sbin\n"

    static func run(
        _ script: String, environment: [String: String] = [:], timeout: Double = 120
    ) throws -> ChildProcess.Outcome {
        try ChildProcess.run(
            "/bin/sh", ["-c", preamble + script],
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 },
            timeout: timeout)
    }

    /// Starts a script that is to become, by `exec`, the program that is wanted.
    static func start(
        _ script: String, input: ChildProcess.Stream = .null, out: ChildProcess.Stream = .pipe,
        inherited: [Int32: Int32] = [:]
    ) throws -> ChildProcess {
        try ChildProcess(
            "/bin/sh", ["-c", preamble + script], input: input, out: out, inherited: inherited)
    }

    /// The word as the shell has to be told it.
    static func quoted(_ word: String) -> String {
        "'" + word.replacingOccurrences(of: "'", with: #"'\''"#) + "'"
    }

    static func quoted(_ words: [String]) -> String {
        words.map { quoted($0) }.joined(separator: " ")
    }
}
