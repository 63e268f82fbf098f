import CLinux

/// How a thread that can't go on has the process end, from inside a signal's handler: with status 1,
/// after the handler has said why.
///
/// A launch that has something to clean up leaves the end to one thread.
public enum Emergency {
    // Set before there are other threads, and read by handlers.
    private nonisolated(unsafe) static var event: Int32 = -1
    private nonisolated(unsafe) static var keeper = pthread_t()
    /// Written by a handler, before it signals the event, and read after that.
    private nonisolated(unsafe) static var declared = false

    /// Whether a thread could not go on. What is to be said of it has been said.
    public static var isDeclared: Bool { unsafe declared }

    /// From now on the calling thread ends the process: the others signal an event, and stop.
    ///
    /// - Parameter event: an `EventDescriptor`'s. It stays open.
    public static func leaveEndToThisThread(signalledBy event: Int32) {
        unsafe keeper = pthread_self()
        unsafe Self.event = event
    }

    // As above. The name is never freed.
    private nonisolated(unsafe) static var leftover: (parent: Int32, name: UnsafePointer<CChar>)?

    /// From now on the thread that ends the process, should it be the one that can't go on, removes
    /// this directory if it is empty.
    public static func remove(_ name: SealedName, in parent: borrowing FileDescriptor) {
        unsafe leftover = (parent.number, Unmanaged.passRetained(name).takeUnretainedValue().pointer)
    }

    /// Makes only calls that signal-safety(7) allows.
    public static func end() -> Never {
        guard unsafe event >= 0, pthread_equal(pthread_self(), unsafe keeper) == 0 else {
            if let leftover = unsafe leftover {
                unsafe _ = unlinkat(leftover.parent, leftover.name, AT_REMOVEDIR)
            }
            _exit(1)
        }
        unsafe declared = true
        _ = eventfd_write(unsafe event, 1)
        Thread.park()
    }
}
