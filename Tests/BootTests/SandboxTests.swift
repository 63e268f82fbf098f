import Foundation
import TestSupport
import Testing

/// What a tender can still do once its guest runs.
@Suite("Sandbox", .boots) struct SandboxTests {
    /// A system call that a tender is made to do.
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
        Attempt(name: "open_by_handle_at", number: 304),
        Attempt(name: "execve", number: 59),
        Attempt(name: "execveat", number: 322, arguments: ["-100"]),
        Attempt(name: "socket", number: 41, arguments: ["2", "1"]),
        Attempt(name: "connect", number: 42, arguments: ["4"]),
        Attempt(name: "ptrace", number: 101),
        Attempt(name: "process_vm_readv", number: 310, arguments: ["1"]),
        Attempt(name: "mmap to execute", number: 9, arguments: ["0", "4096", "7", "0x22", "-1"]),
        Attempt(name: "mmap", number: 9, arguments: ["0", "4096", "3", "0x22", "-1"]),
        Attempt(name: "mprotect to execute", number: 10, arguments: ["0", "4096", "5"]),
        Attempt(name: "memfd_create", number: 319),
        Attempt(name: "brk", number: 12),
        Attempt(name: "clone", number: 56),
        Attempt(name: "clone3", number: 435),
        Attempt(name: "fork", number: 57),
        Attempt(name: "kill", number: 62, arguments: ["1"]),
        Attempt(name: "tgkill", number: 234, arguments: ["1", "1", "0"]),
        Attempt(name: "tkill", number: 200, arguments: ["1", "0"]),
        Attempt(name: "pidfd_send_signal", number: 424),
        Attempt(name: "unlinkat of a directory", number: 263, arguments: ["-100", "0", "0x200"]),
        Attempt(name: "renameat2", number: 316, arguments: ["-100", "0", "-100", "0"]),
        Attempt(name: "sendto an address", number: 44, arguments: ["1", "0", "0", "0", "$rsp"]),
        Attempt(name: "dup", number: 32, arguments: ["1"]),
        Attempt(name: "close", number: 3, arguments: ["99"]),
        Attempt(name: "prctl", number: 157),
        Attempt(name: "io_uring_setup", number: 425, arguments: ["1"]),
        Attempt(name: "seccomp", number: 317),
        Attempt(name: "KVM_GET_REGS", number: 16, arguments: ["$vcpu", "0x8090AE81"]),
        Attempt(name: "KVM_SET_REGS", number: 16, arguments: ["$vcpu", "0x4090AE82"]),
        Attempt(
            name: "KVM_SET_USER_MEMORY_REGION", number: 16, arguments: ["$vm", "0x4020AE46"]),
        Attempt(name: "KVM_CREATE_VCPU", number: 16, arguments: ["$vm", "0xAE41", "7"]),
        Attempt(name: "KVM_IOEVENTFD", number: 16, arguments: ["$vm", "0x4040AE79"]),
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
            let (output, outcome) = try Hijack(flavour).make(attempt)
            #expect(outcome.signal == SIGSYS, "\(output)")
        }

        @Test(
            "attack 25: a tender with a debugger that was taken over",
            .needs(Host.missing("gdb")), arguments: Flavour.debugBuilt,
            // Those two are allowed while there may be a debugger.
            attempts.filter { $0.name != "brk" && $0.name != "close" })
        func escapeWhileObserved(flavour: Flavour, attempt: Attempt) throws {
            let directory = try TemporaryDirectory()
            let (output, outcome) = try Hijack(observing: flavour, in: directory).make(attempt)
            #expect(outcome.signal == SIGSYS, "\(output)")
        }

        @Test(
            "What a launch needs can be done", .needs(Host.missing("gdb")),
            arguments: Flavour.built)
        func control(flavour: Flavour) throws {
            let write = Attempt(name: "write", number: 1, arguments: ["2", "0", "0"])
            let (output, outcome) = try Hijack(flavour).make(write)
            #expect(output.contains("result=0\n"), "\(output)")
            #expect(outcome.signal == SIGKILL)
        }

        static let hermitAttempts = [
            "open", "openat", "open_by_handle_at", "execve", "execveat", "socket", "connect",
            "ptrace", "process_vm_readv", "mmap to execute", "mmap", "mprotect to execute",
            "openat2", "memfd_create", "clone", "clone3", "fork", "kill", "tgkill", "tkill",
            "pidfd_send_signal", "unlinkat of a directory", "renameat2", "sendto an address",
            "dup", "prctl", "io_uring_setup",
            "seccomp", "KVM_SET_REGS", "KVM_SET_USER_MEMORY_REGION", "KVM_CREATE_VCPU",
            "KVM_IOEVENTFD", "KVM_RUN on another descriptor", "pwrite64 to standard output",
            "write in the manner of x32",
        ]

        @Test(
            "attack 25: Hermit: a tender that was taken over", .needs(Host.missing("gdb")),
            arguments: Flavour.built, hermitAttempts)
        func hermitEscape(flavour: Flavour, name: String) throws {
            let attempt = try #require(Self.attempts.first { $0.name == name })
            for thread in Hijack.Thread.allCases {
                let (output, outcome) = try Hijack(flavour, thread).make(attempt)
                #expect(outcome.signal == SIGSYS, "\(thread): \(output)")
            }
        }

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
                let attempt = try #require(Self.attempts.first { $0.name == name })
                let hijack = try Hijack(flavour, options: ["--sandbox=explain"])
                let (output, outcome) = try hijack.make(attempt, stays: false)
                #expect(outcome.signal == SIGSYS, "\(output)")
                #expect(outcome.error == "pinnace: system call \(explanation)\n")
            }
            let attempt = try #require(Self.attempts.first { $0.name == "execve" })
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

    @Test("A disk and a tap take eleven system calls", .usesTaps, arguments: Flavour.built)
    func count(flavour: Flavour) throws {
        let directory = try TemporaryDirectory()
        let disk = try directory.write([UInt8](repeating: 0, count: 4096), to: "disk")
        let namespace = try Namespace()
        let output = try namespace.run(
            "\(flavour.path) manifest --sandbox --json --net:service=tap0 --block:storage=\(disk) "
                + Host.guest("layout-devices"))
        let names = Set(output.matches(of: /"name": "([a-z0-9_]+)"/).map { String($0.1) })
        #expect(names.contains("pwrite64"), "\(output)")
        #expect(names.count <= 11, "\(names.sorted())")
    }
}
