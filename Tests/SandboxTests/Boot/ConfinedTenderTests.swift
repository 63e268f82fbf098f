import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// What a tender can still do once its guest runs.
@Suite("Confined tenders", .boots) struct ConfinedTenderTests {
    #if arch(x86_64)
        @Test(
            "What is refused is explained, if asked for", .needs(Host.missing("gdb")),
            arguments: Flavour.built)
        func explained(flavour: Flavour) throws {
            for (name, explanation) in [
                (
                    "socket",
                    "socket(0x2, 0x1, 0x0, 0x0, 0x0, 0x0) was refused: "
                        + "nothing in this launch may make it"
                ),
                (
                    "write to standard input",
                    "write(0x0, 0x0, 0x0, 0x0, 0x0, 0x0) was refused: "
                        + "with other arguments, this launch allows it to core, puts"
                ),
            ] {
                let attempt = try #require(Takeover.attempts.first { $0.name == name })
                let hijack = try Hijack(flavour, options: ["--sandbox=explain"])
                let (output, outcome) = try hijack.make(attempt, stays: false)
                #expect(outcome.signal == SIGSYS, "\(output)")
                #expect(outcome.error == "pinnace: system call \(explanation)\n")
            }
            let attempt = try #require(Takeover.attempts.first { $0.name == "execve" })
            let hijack = try Hijack(flavour, .second, options: ["--sandbox=explain"])
            let (output, outcome) = try hijack.make(attempt, stays: false)
            #expect(outcome.signal == SIGSYS, "\(output)")
            #expect(outcome.error.contains("pinnace: system call execve(0x0, "))
        }
    #endif

    @Test(
        "Every thread is locked in, without privileges", arguments: Flavour.built,
        ["idle", "hermit/smp-v3", "hermit/hostile-v3"])
    func threads(flavour: Flavour, guest: String) throws {
        let isHermit = guest.hasPrefix("hermit")
        let child = try flavour.start(
            guest, isHermit ? ["sleep"] : [], options: isHermit ? ["--cpus=2"] : [])
        guard guest != "hermit/smp-v3" else {
            // One that comes to its end is enough to show that its threads could do their work.
            #expect(try child.wait().signal == nil)
            return
        }
        try child.waitForFilter()
        let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(child.id)/task")
        // KVM may add threads of its own.
        #expect(threads.count >= (isHermit ? 3 : 1))
        for thread in threads {
            let status = child.status(ofThread: thread)
            #expect(status["Seccomp"] == "2")
            #expect(status["NoNewPrivs"] == "1")
            for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
                #expect(status[set] == "0000000000000000", "\(set)")
            }
        }
        let limits = try String(contentsOfFile: "/proc/\(child.id)/limits", encoding: .utf8)
        #expect(limits.contains(/Max core file size +0 +0/))
        try child.send(signal: SIGKILL)
        _ = try child.wait()
    }

    @Test(
        "Another user's", .needs(geteuid() == 0 ? nil : "only root can be another user"),
        arguments: Flavour.built)
    func user(flavour: Flavour) throws {
        let child = try flavour.start("idle", options: ["--user=65534:65533"])
        #expect(try child.waitForOutput("idle"))
        let status = child.status()
        #expect(status["Uid"] == "65534\t65534\t65534\t65534")
        #expect(status["Gid"] == "65533\t65533\t65533\t65533")
        #expect(status["Groups"] == "")
        try child.send(signal: SIGKILL)
        _ = try child.wait()
    }

    @Test("Nothing can be inherited where there is no outer filter", arguments: Flavour.built)
    func inherited(flavour: Flavour) throws {
        let outcome = try flavour.run("hello", options: ["--sandbox=inherited"])
        #expect(outcome.status == 1)
        #expect(outcome.error.contains("--sandbox=inherited, but"))
    }

    /// With offloads, also those of the timer that looks after frames that wait for others.
    @Test(
        "A disk and a tap take eleven system calls, and thirteen with offloads", .usesTaps,
        arguments: Flavour.built, [("off", 11), ("auto", 13)])
    func count(flavour: Flavour, offload: (mode: String, count: Int)) throws {
        let directory = try TemporaryDirectory()
        let disk = try directory.write([UInt8](repeating: 0, count: 4096), to: "disk")
        let namespace = try Namespace()
        let output = try namespace.run(
            "\(flavour.path) manifest --sandbox --json --net:service=tap0 "
                + "--net-offload=\(offload.mode) --block:storage=\(disk) "
                + Host.guest("layout-devices"))
        let names = Set(output.matches(of: /"name": "([a-z0-9_]+)"/).map { String($0.1) })
        #expect(names.contains("pwrite64"), "\(output)")
        #expect(names.count <= offload.count, "\(names.sorted())")
    }
}
