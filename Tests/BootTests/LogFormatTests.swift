import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// `--log-format=json`: each message is one JSON object on a line of its own.
@Suite("Messages as JSON", .boots) struct LogFormatTests {
    private struct Record: Decodable, Equatable {
        let program: String
        let message: String
    }

    private func records(_ error: String) throws -> [Record] {
        #expect(error.isEmpty || error.last == "\n")
        return try error.split(separator: "\n").map {
            try JSONDecoder().decode(Record.self, from: Data($0.utf8))
        }
    }

    /// The lines of the messages, as they are without the option.
    private func expectSame(
        _ flavour: Flavour, _ words: [String], status: Int32, messages: Int
    ) throws {
        let plain = try ChildProcess(flavour.path, ["run"] + words).wait()
        let outcome = try ChildProcess(flavour.path, ["run", "--log-format=json"] + words).wait()
        #expect(outcome.status == status && plain.status == status)
        #expect(outcome.output == plain.output)
        let records = try records(outcome.error)
        #expect(records.count == messages, "\(outcome.error)")
        #expect(records.allSatisfy { $0.program == "pinnace" })
        let prefix = "pinnace: "
        let lines = records.map { $0.message }.joined(separator: "\n")
        let plainLines = plain.error.split(separator: "\n").map {
            $0.hasPrefix(prefix) ? $0.dropFirst(prefix.count) : $0
        }
        #expect(lines == plainLines.joined(separator: "\n"))
    }

    @Test("Errors, with what has to be escaped", arguments: Flavour.built)
    func errors(flavour: Flavour) throws {
        let name = "no \"such\" \\ file\u{7F}, é"
        try expectSame(flavour, [name], status: 1, messages: 1)
        try expectSame(flavour, ["--mem=0", Host.guest("hello")], status: 1, messages: 1)
    }

    @Test("A guest's fault, in several lines", arguments: Flavour.built)
    func fault(flavour: Flavour) throws {
        try expectSame(flavour, [Host.guest("protect"), "write-text"], status: 1, messages: 1)
    }

    @Test("A guest's own output stays as it is", arguments: Flavour.built)
    func output(flavour: Flavour) throws {
        let outcome = try flavour.run("hello", options: ["--log-format=json"])
        #expect(outcome.status == 0 && outcome.error.isEmpty)
        #expect(outcome.output.hasSuffix("SUCCESS\n"))
    }

    @Test("What the handler of a signal writes", arguments: Flavour.built)
    func signal(flavour: Flavour) throws {
        let child = try flavour.start("idle", options: ["--log-format=json"])
        #expect(try child.waitForOutput("idle"))
        try child.send(signal: SIGTERM)
        let outcome = try child.wait()
        #expect(
            try records(outcome.error)
                == [Record(program: "pinnace", message: "Exiting on signal 15")])
    }

    @Test("What an outer policy refuses", arguments: Flavour.built, OuterPolicy.allCases)
    func refusal(flavour: Flavour, policy: OuterPolicy) throws {
        let outcome = try policy.rule { try flavour.run("hello", options: ["--log-format=json"]) }
        #expect(outcome.status == 1)
        let records = try records(outcome.error)
        #expect(records.count == 1)
        #expect(records.first?.message.contains("an outer seccomp policy refuses") == true)
    }

    @Test("Another format is refused", arguments: Flavour.built)
    func unknown(flavour: Flavour) throws {
        let outcome = try flavour.run("hello", options: ["--log-format=xml"])
        #expect(outcome.status == 1)
        #expect(outcome.error == "pinnace: option --log-format: xml is none of text, json\n")
    }
}
