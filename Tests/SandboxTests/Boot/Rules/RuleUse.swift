import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// Which rules of one owner were needed, in several launches.
struct RuleUse {
    let owner: String
    let flavour: Flavour
    /// Where the guests are launched.
    let directory: TemporaryDirectory
    private var given: Set<String> = []
    /// Those that were, each as in a manifest.
    private(set) var used: Set<String> = []

    /// - Parameters:
    ///   - owner: a module, or the core.
    ///   - preparation: shell commands that come first, in the directory of all launches.
    init(of owner: String, _ flavour: Flavour, preparation: [String] = []) throws {
        self.owner = owner
        self.flavour = flavour
        directory = try TemporaryDirectory()
        let script = ["set -e", #"cd "$WORK""#] + preparation
        let outcome = try Shell.run(
            script.joined(separator: "\n"),
            environment: ["WORK": directory.path, "GUESTS": Host.guests])
        try #require(outcome.status == 0, "\(outcome.error)")
    }

    /// Runs a guest of ours, and compares what its tender does with the rules of the launch.
    ///
    /// - Parameters:
    ///   - status: what it must end with; nil for a signal.
    ///   - adjust: what else is special about the launch.
    ///   - meanwhile: what happens to it.
    mutating func run(
        _ guest: String, _ arguments: [String] = [], options: [String] = [], status: Int32? = 0,
        adjust: (inout LaunchPlan) throws -> Void = { _ in },
        meanwhile: (TracedLaunch) throws -> Void = { _ in },
        at location: SourceLocation = #_sourceLocation
    ) throws {
        var plan = LaunchPlan(
            flavour: flavour, guest: guest, arguments: arguments, options: options,
            directory: directory)
        try adjust(&plan)
        let rules = try plan.rules().systemCalls
        let launch = try TracedLaunch(plan)
        try meanwhile(launch)
        let outcome = try launch.end()
        #expect(outcome.status == status, "\(outcome)", sourceLocation: location)
        let calls = Set(launch.trace.calls)
        #expect(
            calls.contains { $0.name == (status == nil ? "tgkill" : "exit_group") },
            sourceLocation: location)
        let process = launch.trace.process
        let foreign = calls.filter { call in !rules.contains { $0.allows(call, in: process) } }
        #expect(foreign == [], "no rule allows these", sourceLocation: location)
        for rule in rules where rule.owner == owner {
            given.insert(rule.form)
            let isUsed = calls.contains { rule.allows($0, in: process) }
            if isUsed { used.insert(rule.form) }
        }
    }

    /// The rules that no launch needed.
    var superfluous: Set<String> { given.subtracting(used) }
}
