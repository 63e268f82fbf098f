import CLinux
import Hypervisor
import Manifests
import Rules
import Testing

@testable import Sandbox
@testable import Tender

/// What the rules of a launch allow, whatever modules meet in it.
@Suite("Rules of a launch") struct LaunchRuleTests {
    /// Of all modules that there are.
    static let manifests = ModuleManifest.all

    private let backEnd = KVMVCPU.backEnd

    /// A launch with all of these, in which each role is filled.
    private func confinement(_ manifests: [ModuleManifest]) -> Confinement {
        var bindings = Bindings()
        var number: UInt64 = 1000
        bindings.state(backEnd.operations)
        for specification in manifests.flatMap(backEnd.calls) + backEnd.coreCalls {
            for role in specification.roles
            where bindings.values(of: role).isEmpty && Core.bindings.values(of: role).isEmpty {
                let value = number
                bindings.bindNumbers(role) { [value] }
                number += 1000
            }
        }
        return Confinement(manifests, bindings, Observation())
    }

    @Test func allModulesTogetherLeaveNothingOpenThatIsGuarded() throws {
        let rules = confinement(Self.manifests).rules
        #expect(rules.count > 10)
        for rule in rules { try GuardedCall.check(rule) }
        let signals = rules.filter { $0.name == "tgkill" }
        #expect(signals.map { $0.owner }.sorted() == ["core", "dumpcore", "gdb", "net", "uhyve"])
        let process = UInt64(UInt32(bitPattern: getpid()))
        for rule in signals {
            #expect(!rule.arguments.isEmpty)
            #expect(rule.arguments.allSatisfy { $0.value == process })
        }
    }

    @Test func noRuleIsWiderThanTheManifestOfItsOwner() {
        let rules = confinement(Self.manifests).rules
        var owners = ["core": backEnd.coreCalls]
        for manifest in Self.manifests { owners[manifest.name] = backEnd.calls(of: manifest) }
        for (owner, specifications) in owners {
            let own = rules.filter { $0.owner == owner }
            // Each role is filled once, so there is a rule for each specification, in order.
            #expect(own.map { $0.name } == specifications.map { $0.name }, "\(owner)")
            for (rule, specification) in zip(own, specifications) {
                #expect(
                    rule.arguments.map { $0.index } == specification.conditions.map { $0.argument },
                    "\(owner): \(rule.name)")
            }
        }
    }

    @Test func aRuleThatLeavesItsArgumentsOpenIsRefused() {
        for call in GuardedCall.all {
            let error = #expect(throws: SandboxError.self) {
                try SystemCallFilter.check([SystemCallSpecification(call.name)])
            }
            #expect(
                error
                    == .openRule(
                        owner: "test", call: call.name, argument: call.arguments?.first))
        }
        #expect(throws: SandboxError.openRule(owner: "test", call: "ioctl", argument: 1)) {
            try SystemCallFilter.check([
                SystemCallSpecification("ioctl", [.equals(argument: 0, 5, name: "5")])
            ])
        }
    }

    /// One that is pinned does not make up for one that is not.
    @Test func ofTwoModulesTheWeakerRuleDoesNotWin() {
        let pinned = SystemCallSpecification("tgkill", [.equals(argument: 0, 7, name: "7")])
        #expect(throws: SandboxError.openRule(owner: "test", call: "tgkill", argument: 0)) {
            try SystemCallFilter.check([pinned, SystemCallSpecification("tgkill")])
        }
        #expect(throws: Never.self) { try SystemCallFilter.check([pinned, pinned]) }
    }
}

extension SystemCallFilter {
    /// Makes the filter of a launch with one module, and drops it.
    fileprivate static func check(_ specifications: [SystemCallSpecification]) throws {
        let manifest = ModuleManifest(
            KnownModule(name: "test", trait: "Test", guests: nil), summary: "",
            systemCalls: specifications)
        _ = try SystemCallFilter(
            Confinement([manifest], Bindings(), Observation()).rules, violation: .kills)
    }
}

extension SystemCallSpecification {
    fileprivate var roles: [Role] {
        (need.map { [$0] } ?? []) + conditions.compactMap { $0.role }
    }
}

extension SystemCallSpecification.Condition {
    fileprivate var role: Role? {
        switch self {
        case .descriptor(_, let role), .number(_, let role), .masked(_, let role, _): role
        case .equals: nil
        }
    }

    fileprivate var argument: Int {
        switch self {
        case .descriptor(let argument, _), .number(let argument, _),
            .masked(let argument, _, _), .equals(let argument, _, _):
            argument
        }
    }
}

@Suite("What a version of Landlock lacks") struct LandlockGapTests {
    private func text(
        _ version: Int32, _ access: [Confinement.Path.Access], hasFilter: Bool = true
    ) -> String? {
        let paths = access.map { Confinement.Path(descriptor: 5, access: $0) }
        return LandlockGap.text(
            version: version, for: Confinement([], Bindings(), Observation(), paths: paths),
            hasFilter: hasFilter)
    }

    @Test func withTheFilter() {
        let truncation = "truncation of files that are mapped read-only"
        for version: Int32 in 1...10 {
            for access: [Confinement.Path.Access] in [
                [], [.read], [.write], [.creation], [.write, .removal],
            ] {
                #expect(text(version, access) == nil)
            }
            #expect(text(version, [.read, .write]) == (version < 3 ? truncation : nil))
        }
    }

    @Test func withoutTheFilter() {
        let all = [
            "truncation of files that are mapped read-only", "TCP", "ioctl on devices",
            "signals to other processes and abstract sockets",
        ]
        let first = [1: 0, 2: 0, 3: 1, 4: 2, 5: 3]
        for (version, index) in first {
            let expected = all[index...].joined(separator: ", ")
            #expect(text(Int32(version), [.read], hasFilter: false) == expected)
        }
        #expect(text(6, [.read, .write], hasFilter: false) == nil)
        #expect(text(2, [], hasFilter: false) == all[1...].joined(separator: ", "))
    }
}
