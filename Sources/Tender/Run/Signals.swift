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

    // MARK: For a tender that has something to clean up

    /// What to tell of signals. Set once, before the handler that reads it is installed.
    private nonisolated(unsafe) static var event: Int32 = -1
    /// Set by the handler, before it signals the event.
    private nonisolated(unsafe) static var received: Int32 = 0

    /// From now on SIGINT and SIGTERM end nothing by themselves, but signal an event; `diverted`
    /// is the last of them.
    ///
    /// - Parameter descriptor: an `EventDescriptor`'s. It stays open.
    public static func divert(to descriptor: Int32) {
        unsafe event = descriptor
        _ = linux_handle_signal(SIGINT, diversion)
        _ = linux_handle_signal(SIGTERM, diversion)
    }

    /// The number of the signal that was diverted, if one was.
    public static var diverted: Int32? {
        unsafe received == 0 ? nil : received
    }

    private static let diversion: @convention(c) (Int32) -> Void = { number in
        // A system call changes errno, which the interrupted code may be about to look at.
        let errno = linux_errno()
        unsafe received = number
        // signal-safety(7) allows write, which is all that this is.
        _ = eventfd_write(unsafe event, 1)
        linux_set_errno(errno)
    }
}
