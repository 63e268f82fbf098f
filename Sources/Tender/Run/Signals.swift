import CLinux

/// What signals do to the tender: SIGINT and SIGTERM end it at once with status 1; SIGPIPE and
/// SIGXFSZ nothing, for the calls that raise them fail as well; all others what they always do.
///
/// A block write that was acknowledged is in the file by then, so there is nothing to clean up.
public enum Signals {
    /// What to print, up to the signal's number. Never freed.
    private nonisolated(unsafe) static var message = unsafe UnsafeBufferPointer<UInt8>(
        start: nil, count: 0)

    /// - Parameter program: what messages begin with.
    public static func install(program: String) {
        let bytes = Array("\(program): Exiting on signal ".utf8)
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        // Written once, before the handlers that read it are installed.
        unsafe _ = copy.initialize(from: bytes)
        unsafe message = UnsafeBufferPointer(copy)
        // The handler makes only calls that signal-safety(7) allows.
        _ = linux_handle_signal(SIGINT, handler)
        _ = linux_handle_signal(SIGTERM, handler)
        _ = linux_ignore_signal(SIGPIPE)
        _ = linux_ignore_signal(SIGXFSZ)
    }

    private static let handler: @convention(c) (Int32) -> Void = { number in
        unsafe _ = write(STDERR_FILENO, message.baseAddress, message.count)
        // Both signals have numbers of up to two digits.
        var digits: (UInt8, UInt8, UInt8) = (
            UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number / 10),
            UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number % 10), UInt8(ascii: "\n")
        )
        let skipped = number < 10 ? 1 : 0
        unsafe withUnsafeBytes(of: &digits) { bytes in
            unsafe _ = write(
                STDERR_FILENO, bytes.baseAddress.map { unsafe $0 + skipped }, 3 - skipped)
        }
        _exit(1)
    }
}
