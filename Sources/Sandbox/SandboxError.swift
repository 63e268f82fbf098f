import Linux

/// Why a launch can't be locked as it was asked to be. The guest has not run.
public enum SandboxError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A filter that we were started under refuses ours.
    case filterRefused(Errno)
    /// It refuses Landlock.
    case landlockRefused
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

    public var description: String {
        switch self {
        case .filterRefused(let errno):
            "an outer seccomp policy refuses the sandbox's filter: \(errno); "
                + "--sandbox=inherited relies on that policy instead"
        case .landlockRefused:
            "an outer seccomp policy refuses Landlock; "
                + "--sandbox=inherited relies on that policy instead"
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
        case .failed(let part, let errno): "Could not set up the sandbox: \(part): \(errno)"
        case .notRoot: "--user: only root can run a guest as another user"
        }
    }
}
