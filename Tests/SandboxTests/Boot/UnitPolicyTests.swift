import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// What the example of a systemd unit lets the tender call, by the sets of the systemd that is here.
@Suite(
    "The unit's list of system calls", .boots, .needs(Flavour.release.lack),
    .needs(Host.missing("systemd-analyze") ?? Host.missing("python3")))
struct UnitPolicyTests {
    private static let unit =
        Host.setting("PINNACE_PACKAGE", otherwise: ".")
        + "/Sources/pinnace/Packaging/examples/pinnace@.service"

    /// The calls' names, of a unit's `SystemCallFilter=` or of one of systemd's sets.
    private func names(_ words: [String]) throws -> Set<String> {
        var names: Set<String> = []
        for word in words {
            guard word.hasPrefix("@") else {
                names.insert(word)
                continue
            }
            let shown = try Shell.run("systemd-analyze --no-pager syscall-filter \(word)")
            try #require(shown.status == 0, "\(shown.error)")
            let members = shown.output.split(separator: "\n").dropFirst()
                .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.hasPrefix("#") }
            names.formUnion(try self.names(members))
        }
        return names
    }

    /// The numbers of all calls that the kernel's headers know, by their names.
    private func numbers() throws -> [String: Int] {
        let shown = try Shell.run(
            "echo '#include <sys/syscall.h>' | clang -E -dM - | sed -n 's/^#define __NR_//p'")
        var numbers: [String: Int] = [:]
        for line in shown.output.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, let number = Int(words[1]) { numbers[String(words[0])] = number }
        }
        return numbers
    }

    private func words() throws -> [String] {
        try String(contentsOfFile: Self.unit, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("SystemCallFilter=") }
            .flatMap { $0.dropFirst("SystemCallFilter=".count).split(separator: " ") }
            .map { String($0) }
    }

    private func run(_ guest: String, under allowed: [String]) throws -> ChildProcess.Outcome {
        let numbers = try numbers()
        let calls = try names(allowed).compactMap { numbers[$0] }
        // Or it would be no list of a service's.
        #expect(calls.count > 200)
        let policy = CallPolicy(allowing: "the unit's", calls, elseBy: .kill)
        let words =
            policy.command + [Flavour.release.path, "run", "--sandbox=strict", Host.guest(guest)]
        return try ChildProcess(words[0], Array(words.dropFirst())).wait()
    }

    @Test("It is enough for any guest", arguments: ["hello", "hermit/hello-v3"])
    func isEnough(guest: String) throws {
        let outcome = try run(guest, under: try words())
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(outcome.error.isEmpty)
    }

    @Test("Each of its additions is needed") func isNeeded() throws {
        let words = try words()
        let additions = words.filter { !$0.hasPrefix("@") }
        #expect(additions.count > 0)
        for addition in additions {
            let outcome = try run("hello", under: words.filter { $0 != addition })
            #expect(outcome.status == 1, "\(addition)")
            #expect(outcome.error.contains(addition), "\(outcome.error)")
        }
    }
}
