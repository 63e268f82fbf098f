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
