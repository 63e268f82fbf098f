import Foundation
import TestSupport
import Testing

@testable import BootSupport

extension AArch64Tests {
    /// All that one run has left: texts, a core file and a trace.
    private struct Remains {
        let status: Int32
        let output: String
        let error: String
        /// The listing that the tender made there of its trace.
        let listing: String
        let core: [UInt8]
        let trace: [UInt8]
    }

    @Test(
        "Core files and traces", .needs(Self.debugObstacle), .needs(Host.missing("gdb-multiarch")))
    func remains() throws {
        let payload = try Self.machine.debugPayload(Self.remainsScript, guests: ["debug", "fill"])
        let outcome = try Self.machine.run(payload)
        #expect(outcome.status == 0, "\(outcome.error)")
        var report = Report(outcome.out)
        func next() throws -> Remains {
            let result = report.next(texts: 5)
            let (status, texts) = try #require(result, "\(outcome.error)")
            let words = texts.prefix(3).map { String(decoding: $0, as: UTF8.self) }
            return Remains(
                status: status, output: words[0], error: words[1], listing: words[2],
                core: texts[3],
                trace: texts[4])
        }
        try expectFault(next())
        let filled = try next()
        #expect(filled.status == 255)
        try FilledMemory(told: filled.output, size: 4 << 20).expect(in: filled.core)
        // Two on demand, while the guest computes.
        for _ in 1...2 {
            let demanded = try next()
            #expect(demanded.status == 1)
            #expect(demanded.error.contains("pinnace: Exiting on signal 15"))
            let text = try gdb(demanded.core, "backtrace 5", "print spins > 0")
            #expect(text.contains(/#0 .*run_spin \(argument=0\) at .*debug\.c/), "\(text)")
            #expect(text.contains(/#2 .* in guest_main \(cmdline=.* "spin"\)/), "\(text)")
            #expect(text.contains("$1 = 1"), "\(text)")
        }
    }

    /// A guest that wrote to where nothing is: what the tender said, what gdb finds in the core file, and
    /// the trace must agree.
    private func expectFault(_ remains: Remains) throws {
        #expect(remains.status == 1)
        let told = remains.error
        let place = try #require(told.firstMatch(of: /unhandled exception: pc=0x([0-9a-f]+)\n/)?.1)
        #expect(told.contains(" <run_crash+"))
        let registers = told.matches(of: /[ ](x[0-9]+|sp|pc) +([0-9a-f]{16})/)
        #expect(registers.count == 33)
        let text = try gdb(
            remains.core, commands: registers.map { "print/x (long) $\($0.1)" } + ["backtrace 5"])
        for (index, register) in registers.enumerated() {
            let value = try #require(UInt64(register.2, radix: 16))
            #expect(
                text.contains("$\(index + 1) = 0x\(String(value, radix: 16))\n"), "\(register.0)")
        }
        #expect(
            text.contains(/#0 .* in run_crash \(address=481036337152\) at .*debug\.c/), "\(text)")
        #expect(text.contains(/#2 .* in guest_main \(cmdline=.* "crash"\)/), "\(text)")
        #expect(
            text.contains("#0  0x\(String(repeating: "0", count: 16 - place.count))\(place) in "))

        #expect(remains.listing.contains("[0] PUTS("))
        #expect(remains.listing.contains("[0] exit:unhandled-exception() <unfinished>"))
        // The one here reads it as well, and the same.
        let directory = try TemporaryDirectory()
        try directory.write(remains.trace, to: "trace")
        let here = try ChildProcess.run(
            Flavour.regular.debugPath, ["trace", directory.path("trace")])
        #expect(here.output == remains.listing, "\(here.error)")
    }

    private func gdb(_ core: [UInt8], _ commands: String...) throws -> String {
        try gdb(core, commands: commands)
    }

    private func gdb(_ core: [UInt8], commands: [String]) throws -> String {
        let directory = try TemporaryDirectory()
        try directory.write(core, to: "core")
        let outcome = try ChildProcess.run(
            "/usr/bin/gdb-multiarch",
            ["-nx", "-batch"] + commands.flatMap { ["-ex", $0] }
                + [Self.machine.guest("debug"), directory.path("core")])
        return outcome.output + outcome.error
    }

    /// For each run a line with the status and the sizes of what it left, and all that.
    private static let remainsScript = #"""
        tell() {
            touch core trace listing
            echo $1 $(wc -c <out) $(wc -c <err) $(wc -c <listing) $(wc -c <core) $(wc -c <trace)
            cat out err listing core trace
            rm -rf out err listing core trace cores
            mkdir cores
        }
        mkdir cores
        ./pinnace run --mem=2 --dumpcore=cores --trace=trace --trace-size=1 guests/debug.hvt crash \
            >out 2>err
        status=$?
        ./pinnace trace trace >listing
        mv cores/* core
        tell $status
        ./pinnace run --mem=4 --dumpcore=cores guests/fill.hvt >out 2>err
        status=$?
        mv cores/* core
        tell $status
        for number in 1 2; do
            ./pinnace run --mem=2 --dumpcore=cores guests/debug.hvt spin >out 2>err &
            # Once it spins, every core file shows it.
            until grep -q spinning out; do sleep 0.1; done
            for demand in 1 2 3; do
                kill -USR1 $!
                until [ -e cores/*.$demand ]; do sleep 0.1; done
            done
            kill -TERM $!
            wait $!
            status=$?
            mv cores/*.3 core
            tell $status
        done

        """#
}
