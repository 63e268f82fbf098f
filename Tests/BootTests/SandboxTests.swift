import Foundation
import TestSupport
import Testing

/// What a tender can still do once its guest runs.
@Suite("Sandbox", .boots) struct SandboxTests {
    /// A system call that a debugger makes the tender do, in the middle of a guest's sleep.
    struct Attempt: CustomTestStringConvertible, Sendable {
        let name: String
        let number: Int
        var arguments: [String] = []

        var testDescription: String { name }
    }

    // Numbers of x86_64's system calls, and values of their arguments, as the kernel's headers have
    // them.
    static let attempts = [
        Attempt(name: "open", number: 2),
        Attempt(name: "openat", number: 257, arguments: ["-100"]),
        Attempt(name: "openat2", number: 437, arguments: ["-100"]),
        Attempt(name: "execve", number: 59),
        Attempt(name: "socket", number: 41, arguments: ["2", "1"]),
        Attempt(name: "connect", number: 42, arguments: ["4"]),
        Attempt(name: "ptrace", number: 101),
        Attempt(name: "process_vm_readv", number: 310, arguments: ["1"]),
        Attempt(name: "mmap to execute", number: 9, arguments: ["0", "4096", "7", "0x22", "-1"]),
        Attempt(name: "mmap", number: 9, arguments: ["0", "4096", "3", "0x22", "-1"]),
        Attempt(name: "mprotect", number: 10, arguments: ["0", "4096", "7"]),
        Attempt(name: "brk", number: 12),
        Attempt(name: "clone", number: 56),
        Attempt(name: "fork", number: 57),
        Attempt(name: "kill", number: 62, arguments: ["1"]),
        Attempt(name: "dup", number: 32, arguments: ["1"]),
        Attempt(name: "close", number: 3, arguments: ["99"]),
        Attempt(name: "prctl", number: 157),
        Attempt(name: "io_uring_setup", number: 425, arguments: ["1"]),
        Attempt(name: "seccomp", number: 317),
        Attempt(name: "KVM_GET_REGS", number: 16, arguments: ["$vcpu", "0x8090AE81"]),
        Attempt(
            name: "KVM_SET_USER_MEMORY_REGION", number: 16, arguments: ["$vcpu", "0x4020AE46"]),
        Attempt(name: "KVM_RUN on another descriptor", number: 16, arguments: ["1", "0xAE80"]),
        Attempt(name: "write to standard input", number: 1, arguments: ["0"]),
        Attempt(name: "write to standard output itself", number: 1, arguments: ["1"]),
        Attempt(name: "write to the vCPU", number: 1, arguments: ["$vcpu"]),
        Attempt(name: "read from standard input", number: 0, arguments: ["0"]),
        Attempt(name: "pwrite64 to standard output", number: 18, arguments: ["1"]),
        Attempt(name: "write in the manner of x32", number: 1 | 0x4000_0000, arguments: ["2"]),
    ]

    #if arch(x86_64)
        @Test(
            "attack 25: a tender that was taken over", .needs(Host.missing("gdb")),
            arguments: Flavour.built, attempts)
        func escape(flavour: Flavour, attempt: Attempt) throws {
            let (output, signal) = try doing(attempt, flavour.start("idle"))
            #expect(signal == SIGSYS, "\(output)")
        }

        @Test(
            "What a launch needs can be done", .needs(Host.missing("gdb")),
            arguments: Flavour.built)
        func control(flavour: Flavour) throws {
            let write = Attempt(name: "write", number: 1, arguments: ["2", "0", "0"])
            let (output, signal) = try doing(write, flavour.start("idle"))
            #expect(output.contains("result=0"), "\(output)")
            #expect(signal == SIGKILL)
        }

        static let hermitAttempts = [
            "execve", "openat", "socket", "ptrace", "mmap to execute", "clone", "kill", "dup",
            "io_uring_setup", "KVM_SET_USER_MEMORY_REGION", "write in the manner of x32",
        ]

        @Test(
            "attack 25: Hermit: a tender that was taken over", .needs(Host.missing("gdb")),
            arguments: Flavour.built, hermitAttempts)
        func hermitEscape(flavour: Flavour, name: String) throws {
            let attempt = try #require(Self.attempts.first { $0.name == name })
            let (output, signal) = try doing(
                attempt, flavour.start("hermit/hostile-v3", ["sleep"]), awaiting: nil)
            #expect(signal == SIGSYS, "\(output)")
        }
    #endif

    /// Stops a tender that waits in a system call, and has it make another one.
    ///
    /// - Returns: what the debugger said, and by which signal the tender ended.
    private func doing(
        _ attempt: Attempt, _ child: ChildProcess, awaiting text: String? = "idle"
    ) throws -> (output: String, signal: Int32?) {
        if let text { #expect(try child.waitForOutput(text)) }
        try child.waitForVCPU()
        try waitForSeccomp(child)
        let vcpu = child.descriptors.first { $0.value.contains("kvm-vcpu") }?.key ?? -1
        let registers = ["rdi", "rsi", "rdx", "r10", "r8", "r9"]
        var commands = [
            "set confirm off", "set scheduler-locking on", "set $orig_rax = -1",
            "set $vcpu = \(vcpu)",
        ]
        for (index, register) in registers.enumerated() {
            let value = index < attempt.arguments.count ? attempt.arguments[index] : "0"
            commands.append("set $\(register) = \(value)")
        }
        // It waits behind the two bytes of the instruction that makes system calls.
        commands += [
            "set $rax = \(attempt.number)", "set $rip = $rip - 2", "x/i $rip", "stepi",
            "printf \"result=%ld\\n\", $rax",
        ]
        let output = try Shell.run(
            "ulimit -c 0; gdb -batch -nx -p \(child.id) "
                + commands.map { "-ex \(Shell.quoted($0))" }.joined(separator: " ") + " 2>&1"
        ).output
        // Or what follows would be no system call at all.
        try #require(output.contains("syscall"), "\(output)")
        // It is gone already, unless it could make the call.
        kill(child.id, SIGKILL)
        return (output, try child.wait().signal)
    }

    /// Waits for the door to close.
    private func waitForSeccomp(_ child: ChildProcess) throws {
        for _ in 0..<10_000 where child.status()["Seccomp"] != "2" { usleep(1000) }
        try #require(child.status()["Seccomp"] == "2")
        // The next thing that it does is to wait.
        usleep(50_000)
    }

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
        try child.waitForVCPU()
        try waitForSeccomp(child)
        let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(child.id)/task")
        // KVM may add threads of its own.
        #expect(threads.count >= (isHermit ? 3 : 1))
        for thread in threads {
            let status = child.status(ofThread: thread)
            #expect(status["Seccomp"] == "2")
            #expect(status["NoNewPrivs"] == "1")
            for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
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

    @Test("A disk and a tap take ten system calls", .usesTaps, arguments: Flavour.built)
    func count(flavour: Flavour) throws {
        let directory = try TemporaryDirectory()
        let disk = try directory.write([UInt8](repeating: 0, count: 4096), to: "disk")
        let namespace = try Namespace()
        let output = try namespace.run(
            "\(flavour.path) manifest --sandbox --json --net:service=tap0 --block:storage=\(disk) "
                + Host.guest("layout-devices"))
        let names = Set(output.matches(of: /"name": "([a-z0-9_]+)"/).map { String($0.1) })
        #expect(names.contains("pwrite64"), "\(output)")
        #expect(names.count <= 10, "\(names.sorted())")
    }
}
