import Rules
import Testing

@testable import Tender
@testable import TenderSupport

@Suite("What a launch makes of the manifests' system calls") struct BindingsTests {
    private let disk: Role = "a disk"
    private let count: Role = "the number of disks"

    private func texts(
        _ bindings: Bindings, _ specifications: SystemCallSpecification...
    ) -> [String] {
        bindings.rules(specifications, of: "test").map { rule in
            rule.name + rule.arguments.map { " \($0.index)=\($0.value)" }.joined()
        }
    }

    @Test func aRuleForEachDescriptor() {
        var bindings = Bindings()
        bindings.bind(disk, to: 5)
        bindings.bind(disk, to: 7)
        let read = SystemCallSpecification("read", [.descriptor(argument: 0, disk)])
        #expect(texts(bindings, read) == ["read 0=5", "read 0=7"])
        #expect(bindings.descriptors == [5, 7])
    }

    @Test func noRuleForARoleThatNobodyHas() {
        let read = SystemCallSpecification("read", [.descriptor(argument: 0, disk)])
        let poll = SystemCallSpecification("ppoll", onlyWith: disk)
        #expect(texts(Bindings(), read, poll).isEmpty)
    }

    @Test func allConditionsOfARule() {
        var bindings = Bindings()
        bindings.bind(disk, to: 5)
        bindings.bindNumbers(count) { [2] }
        let call = SystemCallSpecification(
            "ioctl",
            [
                .descriptor(argument: 0, disk), .equals(argument: 1, 9, name: "NINE"),
                .number(argument: 2, count),
            ])
        #expect(texts(bindings, call) == ["ioctl 0=5 1=9 2=2"])
    }

    @Test func numbersAreNoDescriptors() {
        var bindings = Bindings()
        bindings.bindNumbers(count) { [2] }
        #expect(bindings.descriptors.isEmpty)
    }

    @Test func valuesAreAskedForLate() {
        final class Disks { var numbers: [UInt64] = [] }
        let disks = Disks()
        var bindings = Bindings()
        bindings.bindDescriptors(disk) { disks.numbers }
        disks.numbers = [4]
        #expect(bindings.descriptors == [4])
    }

    @Test func theCoreAsksForRegistersOnlyWhereExitsDoNotBringThem() {
        var bindings = Bindings()
        bindings.bind(ScriptedVCPU())
        let calls = bindings.rules(Core.systemCalls, doing: Core.operations, of: "core")
            .map { $0.name }
        #expect(calls == ["ioctl", "ioctl", "ioctl", "write", "exit_group"])
    }
}
