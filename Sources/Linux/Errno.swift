import CLinux

/// Why a system call failed: the value of `errno`.
public struct Errno: Error, Equatable, Sendable, CustomStringConvertible {
    public let code: Int32

    public init(_ code: Int32) {
        self.code = code
    }

    /// The calling thread's last error.
    public static var current: Errno { Errno(linux_errno()) }

    /// The C library's sentence for the error, and what to look at where the cause is the same
    /// whatever the call was.
    public var description: String {
        // The C library returns a string for any code, and it stays valid until the next call.
        let text = unsafe String(cString: linux_error_text(code))
        return switch code {
        case EMFILE: "\(text) (see ulimit -n)"
        case ENFILE: "\(text) (see the sysctl fs.file-max)"
        default: text
        }
    }
}

/// The result of a system call that says -1 when it fails.
@inline(__always)
func checked<Value: SignedInteger>(_ result: Value) throws(Errno) -> Value {
    guard result != -1 else { throw Errno.current }
    return result
}

/// Calls again when a signal interrupts.
@inline(__always)
package func retrying<Value: SignedInteger>(_ call: () -> Value) throws(Errno) -> Value {
    while true {
        let result = call()
        if result != -1 { return result }
        let errno = Errno.current
        if errno.code != EINTR { throw errno }
    }
}
