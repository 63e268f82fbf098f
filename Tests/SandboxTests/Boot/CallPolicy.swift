import CLinux

@testable import BootSupport

/// A seccomp policy that a tender is started under, which tells calls apart by their numbers alone.
struct CallPolicy: Sendable, CustomStringConvertible {
    enum Answer: Sendable, CustomStringConvertible {
        case error(Int32)
        /// SIGSYS, which can be handled.
        case signal
        /// The end, as systemd has it by default.
        case kill

        fileprivate var action: UInt32 {
            switch self {
            case .error(let code): UInt32(SECCOMP_RET_ERRNO) | UInt32(code)
            case .signal: UInt32(SECCOMP_RET_TRAP)
            case .kill: 0x8000_0000  // SECCOMP_RET_KILL_PROCESS
            }
        }

        var description: String {
            switch self {
            case .error(EPERM): "EPERM"
            case .error(ENOSYS): "ENOSYS"
            case .error(let code): "error \(code)"
            case .signal: "SIGSYS"
            case .kill: "the end"
            }
        }

        static let all = [Answer.error(EPERM), .error(ENOSYS), .signal, .kill]
    }

    let description: String
    /// Those that it refuses, or the only ones that it allows.
    private let calls: [Int]
    private let refuses: Bool
    private let answer: Answer

    /// - Parameter name: of the calls, for messages.
    init(refusing name: String, _ calls: [Int], by answer: Answer) {
        description = "\(name): \(answer)"
        self.calls = calls
        self.answer = answer
        refuses = true
    }

    init(allowing name: String, _ calls: [Int], elseBy answer: Answer) {
        description = "\(name), else \(answer)"
        self.calls = calls
        self.answer = answer
        refuses = false
    }

    /// The words that a command begins with to be under this policy. Not a thread of ours, which would
    /// need what the policy refuses to start a process.
    var command: [String] {
        let bytes = program.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let script = """
            import ctypes, os, sys
            libc, program = ctypes.CDLL(None), bytes.fromhex(sys.argv[1])
            class Header(ctypes.Structure):
                _fields_ = [("count", ctypes.c_ushort), ("filter", ctypes.c_char_p)]
            header = Header(len(program) // 8, program)
            path, words, zero = sys.argv[2], sys.argv[2:], ctypes.c_ulong(0)
            libc.prctl(\(PR_SET_NO_NEW_PRIVS), ctypes.c_ulong(1), zero, zero, zero)
            libc.prctl(\(PR_SET_SECCOMP), ctypes.c_ulong(2), ctypes.byref(header))
            os.execv(path, words)
            """
        return ["/usr/bin/env", "python3", "-c", script, bytes]
    }

    private var program: [UInt8] {
        let allow = UInt32(SECCOMP_RET_ALLOW)
        let (listed, others) = refuses ? (answer.action, allow) : (allow, answer.action)
        var program = [OuterPolicy.load(offset: 0)]
        for call in calls {
            program += [OuterPolicy.ifNot(UInt32(call), skip: 1), OuterPolicy.end(listed)]
        }
        return (program + [OuterPolicy.end(others)]).flatMap { $0 }
    }

    /// What systemd's set @system-service (systemd.exec(5)) lacks of all that a launch makes:
    /// landlock_create_ruleset, landlock_add_rule, landlock_restrict_self and seccomp.
    static func systemService(_ answer: Answer) -> CallPolicy {
        CallPolicy(
            refusing: "@system-service", [444, 445, 446, Int(SYS_seccomp)], by: answer)
    }

    /// What urunc 0.5 allows solo5-hvt (its pkg/unikontainers/hypervisors/hvt.go), besides what is
    /// needed to start it here.
    static let urunc = CallPolicy(
        allowing: "urunc 0.5",
        [
            SYS_rt_sigaction, SYS_ioctl, SYS_pread64, SYS_mmap, SYS_recvmsg, SYS_openat, SYS_sendto,
            SYS_mprotect, SYS_write, SYS_epoll_ctl, SYS_epoll_create1, SYS_read, SYS_open,
            SYS_close,
            SYS_fstat, SYS_stat, SYS_munmap, SYS_brk, SYS_access, SYS_execve, SYS_timerfd_create,
            SYS_arch_prctl, SYS_lseek, SYS_personality, SYS_socket, SYS_bind, SYS_getsockname,
            SYS_exit, SYS_exit_group, SYS_getpid, SYS_tgkill, SYS_nanosleep, SYS_futex,
            SYS_epoll_pwait, SYS_rt_sigreturn, SYS_timerfd_settime, SYS_pwrite64, SYS_newfstatat,
            SYS_set_tid_address, SYS_set_robust_list, SYS_rseq, SYS_prlimit64, SYS_getrandom,
        ].map { Int($0) }, elseBy: .signal)
}
