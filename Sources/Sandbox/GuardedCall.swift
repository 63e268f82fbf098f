import Rules
import Tender

/// System calls that reach beyond what a launch owns unless some of their arguments are pinned: to
/// other processes, to files by any path, to memory that would become code.
///
/// libseccomp allows what any rule allows, so one module's rule without conditions would undo those
/// of all others for the same call. For these calls there is therefore no such rule: whatever modules
/// meet in a launch, the arguments below are pinned in each of their rules, and so in the sum.
struct GuardedCall {
    let name: String
    /// Which have to be pinned, counted from 0; nil if no module may make the call at all.
    let arguments: [Int]?

    static let all: [GuardedCall] = [
        // Signals: to the own process. By a thread's number alone there is no telling whose it is.
        GuardedCall(name: "tgkill", arguments: [0]),
        GuardedCall(name: "kill", arguments: [0]),
        GuardedCall(name: "rt_tgsigqueueinfo", arguments: [0]),
        GuardedCall(name: "rt_sigqueueinfo", arguments: [0]),
        GuardedCall(name: "tkill", arguments: nil),
        GuardedCall(name: "pidfd_open", arguments: nil),
        GuardedCall(name: "pidfd_send_signal", arguments: nil),
        GuardedCall(name: "pidfd_getfd", arguments: nil),
        // Other processes' memory, and programs.
        GuardedCall(name: "ptrace", arguments: nil),
        GuardedCall(name: "process_vm_readv", arguments: nil),
        GuardedCall(name: "process_vm_writev", arguments: nil),
        GuardedCall(name: "execve", arguments: nil),
        GuardedCall(name: "execveat", arguments: nil),
        // Devices: the descriptor and the request.
        GuardedCall(name: "ioctl", arguments: [0, 1]),
        GuardedCall(name: "prctl", arguments: [0]),
        GuardedCall(name: "fcntl", arguments: [0, 1]),
        // One of the descriptors could be of /proc/self/mem, which knows no protection of memory.
        GuardedCall(name: "pwrite64", arguments: [0]),
        GuardedCall(name: "pwritev", arguments: [0]),
        GuardedCall(name: "pwritev2", arguments: [0]),
        // Protection is argument 2.
        GuardedCall(name: "mmap", arguments: [2]),
        GuardedCall(name: "mprotect", arguments: [2]),
        GuardedCall(name: "pkey_mprotect", arguments: [2]),
        GuardedCall(name: "mremap", arguments: nil),
        // Files by their paths.
        GuardedCall(name: "open", arguments: nil),
        GuardedCall(name: "creat", arguments: nil),
        GuardedCall(name: "openat", arguments: [0, 2]),
        GuardedCall(name: "openat2", arguments: [0]),
        GuardedCall(name: "open_by_handle_at", arguments: nil),
        GuardedCall(name: "truncate", arguments: nil),
        GuardedCall(name: "unlink", arguments: nil),
        GuardedCall(name: "rmdir", arguments: nil),
        GuardedCall(name: "unlinkat", arguments: [2]),
        GuardedCall(name: "rename", arguments: nil),
        GuardedCall(name: "renameat", arguments: [3]),
        GuardedCall(name: "renameat2", arguments: [3, 4]),
        GuardedCall(name: "link", arguments: nil),
        GuardedCall(name: "linkat", arguments: [2, 4]),
        // Sockets: none is made, and those that are there go to their other ends only.
        GuardedCall(name: "socket", arguments: nil),
        GuardedCall(name: "connect", arguments: nil),
        GuardedCall(name: "bind", arguments: nil),
        GuardedCall(name: "sendto", arguments: [0, 4]),
        GuardedCall(name: "sendmsg", arguments: nil),
        GuardedCall(name: "sendmmsg", arguments: nil),
        GuardedCall(name: "io_uring_setup", arguments: nil),
    ]

    /// - Throws: if the rule leaves open what it must not.
    static func check(_ rule: SystemCallRule) throws(SandboxError) {
        guard let call = all.first(where: { $0.name == rule.name }) else { return }
        guard let arguments = call.arguments else {
            throw .openRule(owner: rule.owner, call: rule.name, argument: nil)
        }
        for index in arguments where !rule.arguments.contains(where: { $0.index == index }) {
            throw .openRule(owner: rule.owner, call: rule.name, argument: index)
        }
    }
}
