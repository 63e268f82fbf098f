@testable import BootSupport

/// Misuse of the interface by Hermit guests, and of the machine: each of the several hundred cases
/// that the guests list with what must come of it.
extension BootCase {
    @Cases static var hermitHostile: [BootCase] {
        for flavour in ["v1-legacy", "v1-dyn", "v2", "v3"] {
            lists(flavour)
            misuse(flavour, ["all"], expecting: .success(error: warnings))
            stops(flavour)
            sleeps(flavour)
        }
    }

    /// There are no cases but those that are run below.
    private static func lists(_ flavour: String) -> BootCase {
        misuse(
            flavour,
            expecting: .success(
                .matching(
                    #"(?:(?:survives|stops|either): [^\n]+\n|"#
                        + #"sleeps: (?:lost-tables|sleep|spin)\n){250,}SUCCESS\n"#)))
    }

    /// What the tender says of calls that come to nothing.
    private static let warnings = ExpectedEnd.Text.matching(#"(?:pinnace: [^\n]+\n)*"#)

    @Cases private static func stops(_ flavour: String) -> [BootCase] {
        let stopped = #"status 1\n%: [^\n]+\npinnace: guest fault: [^\n]+\n"#
        for (outcome, end) in [
            ("stops", stopped), ("either", #"(?:status 0\nSUCCESS\n|\#(stopped))"#),
        ] {
            let end = end.replacing("%", with: outcome)
            misuse(flavour, expecting: .success(.matching(#"(?:[^\n]+: \#(end))+"#)))
                .with(\.listed, [outcome])
        }
    }

    /// Some KVMs never return from these, until a signal comes.
    @Cases private static func sleeps(_ flavour: String) -> [BootCase] {
        for (name, text, error) in [
            ("sleep", "sleeping", "Exiting on signal 15"),
            ("spin", "spinning", "Exiting on signal 15"),
            ("lost-tables", "sleeps: lost-tables", ""),
        ] {
            let end = error.isEmpty ? "[^\\n]*(?:triple fault|Exiting on signal 15)[^\\n]*" : error
            misuse(
                flavour, [name],
                expecting: ExpectedEnd(
                    status: 1, output: .containing(["sleeps: \(name)\n"]),
                    error: .matching("pinnace: \(end)\n"))
            ).with(\.stopAfter, text)
        }
    }

    private static func misuse(
        _ flavour: String, _ arguments: [String] = [], expecting expectation: ExpectedEnd
    ) -> BootCase {
        BootCase(
            "hermit/hostile-\(flavour)", arguments,
            options: ["--cpus=2", "--file-mapping=dir:/root"], preparation: hermitDirectories,
            expecting: expectation)
    }
}
