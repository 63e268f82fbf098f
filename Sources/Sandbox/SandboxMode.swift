/// How strictly a launch is locked, as `--sandbox` says.
public enum SandboxMode: String, Sendable {
    /// As far as this kernel can.
    case on
    /// The same, but a kernel that lacks a part is an error, and /proc/PID is root's alone.
    case strict
    /// System calls are left to the filter that we were started under. There must be one.
    case inherited
    /// As `on`, but the process says which call it dies of. For debugging.
    case explain
    #if Unsafe
        /// Not at all.
        case off
    #endif

    public static var names: [String] {
        var names = ["on", "strict", "inherited", "explain"]
        #if Unsafe
            names.append("off")
        #endif
        return names
    }

    /// The modes with what they mean to an operator, a line each.
    public static var meanings: [(name: String, meaning: String)] {
        names.map { name in (name, SandboxMode(name: name)?.meaning ?? "") }
    }

    private var meaning: String {
        switch self {
        case .on: "by default: as strictly as this kernel can"
        case .strict:
            "all of that, or an error; also an empty bounding set, and /proc/PID for root alone"
        case .inherited: "leaves system calls to the filter that pinnace was started under"
        case .explain: "as on, but pinnace says which system call it dies of"
        #if Unsafe
            case .off: "none: anything that the guest gets pinnace to do is possible"
        #endif
        }
    }

    public init?(name: String) {
        for mode in [Self.on, .strict, .inherited, .explain]
        where name.utf8.elementsEqual(mode.rawValue.utf8) {
            self = mode
            return
        }
        #if Unsafe
            if name.utf8.elementsEqual(Self.off.rawValue.utf8) {
                self = .off
                return
            }
        #endif
        return nil
    }
}
