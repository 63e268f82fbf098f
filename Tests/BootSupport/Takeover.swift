#if arch(x86_64)
    /// A system call that a tender is made to do.
    struct Attempt: Sendable {
        let name: String
        let number: Int
        /// Numbers, or what stands for them: see Tests/Guests/tools/takeover.c.
        var arguments: [String] = []
    }

    /// A tender whose guest runs, when someone takes over one of its threads.
    struct Takeover: ScriptedCase {
        enum Tender: Sendable {
            /// Of an hvt guest, with its only thread.
            case solo5
            /// The same with all that looks into guests: the debugger's thread, after a debugger has
            /// left.
            case observed
            case hermit(Thread)
        }

        enum Thread: String, CaseIterable, Sendable {
            /// The first thread, which waits for the end.
            case main
            /// The one that runs the vCPU.
            case vcpu
        }

        let tender: Tender
        let attempt: Attempt
        let expectation: ExpectedEnd

        /// - Parameter result: what the call returns; nil if the process is to die of it.
        init(_ tender: Tender, _ attempt: Attempt, result: Int? = nil) {
            self.tender = tender
            self.attempt = attempt
            let output = result.map { "result \($0)\n" } ?? "signal 31\n"
            expectation = .success(.exactly(output), error: tender.error)
        }

        var testDescription: String { "\(tender): \(attempt.name)" }

        var guests: [String] { [tender.guest] }

        var script: String {
            let arguments = attempt.arguments.map(tender.resolve)
            let call = ["\(attempt.number)"] + arguments
            let usesMachine = arguments.contains { $0 == Self.machine }
            return """
                cd "$WORK"
                "$GUESTS"/tools/takeover \(tender.options(hasCard: usesMachine)) \
                    -c \(Shell.quoted(call.joined(separator: ","))) -- \
                    \(tender.command(hasCard: usesMachine))
                """
        }

        fileprivate static let machine = "fd:kvm-vm"
    }

    extension Takeover.Tender: CustomStringConvertible {
        var description: String {
            switch self {
            case .solo5: "solo5"
            case .observed: "observed"
            case .hermit(let thread): "hermit \(thread)"
            }
        }

        fileprivate var guest: String {
            switch self {
            case .solo5, .observed: "idle"
            case .hermit: "hermit/hostile-v3"
            }
        }

        fileprivate var error: ExpectedEnd.Text {
            switch self {
            case .observed: .containing(["The debugger has left. The guest runs on.\n"])
            case .solo5, .hermit: .nothing
            }
        }

        /// The tender of an hvt guest has no descriptor of the machine any more.
        fileprivate func resolve(_ argument: String) -> String {
            switch self {
            case .solo5, .observed: argument == Takeover.machine ? "-1" : argument
            case .hermit: argument
            }
        }

        /// What the tool has to know: what the guest prints, which calls its threads are in, and which
        /// of these is meant. One that sleeps is in clock_nanosleep, 230, or in KVM_RUN, an ioctl, 16;
        /// the others are in ppoll, 271.
        fileprivate func options(hasCard: Bool) -> String {
            switch self {
            case .solo5: return "-u idle -w 230"
            case .observed: return "-d socket -u idle -w 230,271 -t 1"
            case .hermit(let thread):
                let calls = hasCard ? "-n 9 -w 271,271,16" : "-w 271,16"
                return "-u sleeping \(calls) -t \(thread == .main ? 0 : hasCard ? 2 : 1)"
            }
        }

        /// - Parameter hasCard: whether with a network card, without which a Hermit guest's tender does
        ///   not keep the machine's descriptor either.
        fileprivate func command(hasCard: Bool) -> String {
            switch self {
            case .solo5: #""$PINNACE" run "$GUESTS"/idle.hvt"#
            case .observed:
                #""$PINNACE_DEBUG" run --gdb=unix:socket --dumpcore=. --trace=trace "#
                    + #""$GUESTS"/idle.hvt"#
            case .hermit:
                #""$PINNACE" run \#(hasCard ? "--net=@9" : "") "$GUESTS"/hermit/hostile-v3 sleep"#
            }
        }
    }

    extension Takeover {
        // Numbers of x86_64's system calls, and values of their arguments, as the kernel's headers
        // have them.
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
            Attempt(
                name: "mmap to execute", number: 9, arguments: ["0", "4096", "7", "0x22", "-1"]),
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
            Attempt(
                name: "unlinkat of a directory", number: 263, arguments: ["-100", "0", "0x200"]),
            Attempt(name: "renameat2", number: 316, arguments: ["-100", "0", "-100", "0"]),
            Attempt(name: "sendto an address", number: 44, arguments: ["1", "0", "0", "0", "rsp"]),
            Attempt(name: "dup", number: 32, arguments: ["1"]),
            Attempt(name: "close", number: 3, arguments: ["99"]),
            Attempt(name: "prctl", number: 157),
            Attempt(name: "io_uring_setup", number: 425, arguments: ["1"]),
            Attempt(name: "seccomp", number: 317),
            Attempt(name: "KVM_GET_REGS", number: 16, arguments: ["fd:kvm-vcpu", "0x8090AE81"]),
            Attempt(name: "KVM_SET_REGS", number: 16, arguments: ["fd:kvm-vcpu", "0x4090AE82"]),
            Attempt(
                name: "KVM_SET_USER_MEMORY_REGION", number: 16,
                arguments: ["fd:kvm-vm", "0x4020AE46"]),
            Attempt(name: "KVM_CREATE_VCPU", number: 16, arguments: ["fd:kvm-vm", "0xAE41", "7"]),
            Attempt(name: "KVM_IOEVENTFD", number: 16, arguments: ["fd:kvm-vm", "0x4040AE79"]),
            Attempt(name: "KVM_RUN on another descriptor", number: 16, arguments: ["1", "0xAE80"]),
            Attempt(name: "write to standard input", number: 1, arguments: ["0"]),
            Attempt(name: "write to standard output itself", number: 1, arguments: ["1"]),
            Attempt(name: "write to the vCPU", number: 1, arguments: ["fd:kvm-vcpu"]),
            Attempt(name: "read from standard input", number: 0, arguments: ["0"]),
            Attempt(name: "pwrite64 to standard output", number: 18, arguments: ["1"]),
            Attempt(name: "write in the manner of x32", number: 1 | 0x4000_0000, arguments: ["2"]),
        ]

        private static func attempts(but names: [String]) -> [Attempt] {
            attempts.filter { !names.contains($0.name) }
        }

        static let solo5 = attempts.map { Takeover(.solo5, $0) }

        // Those two are allowed while there may be a debugger.
        static let observed = attempts(but: ["brk", "close"]).map { Takeover(.observed, $0) }

        /// What a Hermit guest's tender may do, or does with other descriptors.
        static let hermit = attempts(but: [
            "brk", "close", "KVM_GET_REGS", "write to standard input",
            "write to standard output itself", "write to the vCPU", "read from standard input",
        ]).flatMap { attempt in
            Thread.allCases.map { Takeover(.hermit($0), attempt) }
        }

        /// That the tool would see a call that is allowed.
        static let control = [Tender.solo5, .hermit(.main), .hermit(.vcpu)].map {
            Takeover(
                $0, Attempt(name: "write", number: 1, arguments: ["2", "0", "0"]), result: 0)
        }
    }
#endif
