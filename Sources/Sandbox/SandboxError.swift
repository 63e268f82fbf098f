import CLinux
import Linux

/// Why a launch can't be locked as it was asked to be. The guest has not run.
public enum SandboxError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A filter that we were started under refuses ours.
    case filterRefused(Errno)
    /// It refuses Landlock.
    case landlockRefused
    /// It refuses these calls, without which there is less of a sandbox.
    case refused([String])
    /// It refuses these calls, without which no guest runs.
    case indispensable([String])
    case filter(call: String, Errno)
    /// A module's rule leaves an argument open that must be pinned.
    case openRule(owner: String, call: String, argument: Int?)
    /// There is no filter to inherit.
    case nothingInherited
    /// The kernel lacks it, and the launch is to be strict.
    case missing(String)
    /// The kernel's Landlock is of this version, can't do what the launch relies on, and the launch is
    /// to be strict.
    case landlockLacks(version: Int32, String)
    /// A part of the sandbox could not be set up.
    case failed(String, Errno)
    case notRoot

    public var description: String { text() }

    /// - Parameter hasOption: whether the program that we stand in for has the option `--sandbox`.
    func text(hasOption: Bool = true) -> String {
        let inherited =
            hasOption
            ? "--sandbox=inherited relies on that policy instead"
            : "allow that there, or use `pinnace run --sandbox=inherited`, which relies on that policy"
        return switch self {
        case .filterRefused(let errno):
            "an outer seccomp policy refuses the sandbox's filter (seccomp): \(errno); \(inherited)"
        case .landlockRefused:
            "an outer seccomp policy refuses Landlock (landlock_create_ruleset, landlock_add_rule, "
                + "landlock_restrict_self); \(inherited)"
        case .refused(let calls):
            "an outer seccomp policy refuses \(calls.joined(separator: ", ")), which the sandbox "
                + "needs; \(inherited)"
        case .indispensable(let calls):
            "an outer seccomp policy refuses \(calls.joined(separator: ", ")), without which this "
                + "guest does not run: allow \(calls.count == 1 ? "it" : "them") there"
        case .filter(let call, let errno):
            "Could not make the sandbox's filter, at system call \(call): \(errno)"
        case .openRule(let owner, let call, nil):
            "Could not make the sandbox's filter: \(owner) may not make system call \(call), "
                + "which reaches beyond the launch whatever its arguments"
        case .openRule(let owner, let call, let argument?):
            "Could not make the sandbox's filter: \(owner)'s rule for system call \(call) "
                + "leaves argument \(argument) open, and with it what the launch does not own"
        case .nothingInherited:
            "--sandbox=inherited, but this process was started under no seccomp policy"
        case .missing(let part): "--sandbox=strict, but this kernel has no \(part)"
        case .landlockLacks(let version, let lack):
            "--sandbox=strict, but this kernel's Landlock, version \(version), can't forbid \(lack)"
        case .failed(let part, let errno):
            "Could not set up the sandbox: \(part): \(errno)\(Self.hint(part, errno))"
        case .notRoot: "--user: only root can run a guest as another user"
        }
    }

    private static func hint(_ part: String, _ errno: Errno) -> String {
        switch errno.code {
        case ENOMEM: " (\(Heap.limits))"
        // LANDLOCK_MAX_NUM_LAYERS
        case E2BIG where part == Part.landlock:
            " (sixteen Landlock policies are the most that can be stacked: start it under fewer)"
        case EPERM where part == Part.user:
            " (root lacks CAP_SETUID or CAP_SETGID here, or the user namespace does not have this user)"
        case EAGAIN where part == Part.user:
            " (that user has too many processes: see ulimit -u)"
        case EINVAL where part == Part.user: " (the user namespace does not have this user)"
        default: ""
        }
    }

    /// Parts of the sandbox, by their names in messages.
    enum Part {
        static let landlock = "Landlock"
        static let user = "another user"
    }
}
