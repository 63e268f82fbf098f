import Foundation
import TestSupport
import Testing

@testable import BootSupport

extension OtherMachineTests {
    /// What KVM leaves of a guest that failed differs from processor to processor: where RIP is after
    /// an OUT, and what is left after a triple fault. What is told of it does not.
    @Test(
        "Fault reports, core files and traces, as here",
        .needs(Self.obstacle ?? Host.obstacle ?? Flavour.release.debugLack))
    func faults() throws {
        let payload = try Self.machine.debugPayload(
            Self.faultScript, guests: ["faults", "hostile", "debug", "hermit/hostile-v3"])
        let there = try Self.machine.run(payload)
        #expect(there.status == 0, "\(there.error)")
        let here = try Shell.run("cd \(Shell.quoted(payload.path)) && exec sh run.sh")
        let (hereLines, thereLines) = (lines(here.output), lines(there.output))
        for (place, pair) in zip(hereLines, thereLines).enumerated() where pair.0 != pair.1 {
            Issue.record("line \(place): \(pair.1)\nhere: \(pair.0)")
        }
        #expect(hereLines.count == thereLines.count)
        // All of it was run.
        #expect(hereLines.count { $0.hasPrefix("== ") } == 13)
        #expect(hereLines.count { $0.hasPrefix("status 1") } == 13)
        #expect(there.output.contains("<run_crash+"))
        #expect(there.output.contains("<run_unhandled+"))
    }

    private func lines(_ text: String) -> [Substring] {
        text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    private static let faultScript = #"""
        exec 2>&1
        # examine GUEST ARGUMENT...: runs a guest that fails, and prints all that is told of it, without
        # what differs from run to run: times, the core file's name.
        examine() {
            echo "== $*"
            rm -f core.* trace
            ./pinnace run --mem=16 --dumpcore=. --trace=trace "$@" >out 2>err
            echo "status $?"
            cat out
            settle <err
            # The general registers of struct elf_prstatus.
            tail -c +309 core.* | head -c 216 | od -An -v -tx1
            ./pinnace trace trace | settle
        }
        settle() {
            sed 's/core\.solo5-hvt\.[0-9]*/CORE/; s/^ *[0-9]*\.[0-9]* \[/[/; s/ <[0-9][^>]*>$//'
        }
        for fault in write fetch opcode divide stack; do examine guests/faults.hvt $fault; done
        for misuse in puts-huge port-unknown port-in hypercall-0 hlt mmio-hole mmio-hole-write; do
            examine guests/hostile.hvt $misuse
        done
        examine guests/debug.hvt crash
        ./pinnace run --no-aslr guests/hermit/hostile-v3 unhandled
        echo "ended with $?"
        ./pinnace run --no-aslr guests/hermit/hostile-v3 block serial below
        echo "ended with $?"

        """#
}
