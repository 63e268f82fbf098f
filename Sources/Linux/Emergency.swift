import CLinux
import Synchronization

/// How a thread that can't go on has the process end, from inside a signal's handler: with status 1,
/// after the handler has said why.
///
/// A launch that has something to clean up leaves the end to one thread.
public enum Emergency {
    /// The eventfd that wakes the thread that ends the process, or -1; set after `keeper`.
    private static let event = Atomic<Int32>(-1)
    /// That thread.
    private static let keeper = Atomic<UInt>(0)
    /// Set by a handler, before it signals the event.
    private static let declared = Atomic(false)

    /// Whether a thread could not go on. What is to be said of it has been said.
    public static var isDeclared: Bool { declared.load(ordering: .acquiring) }

    /// From now on the calling thread ends the process: the others signal an event, and stop.
    ///
    /// - Parameter event: an `EventDescriptor`'s. It stays open.
    public static func leaveEndToThisThread(signalledBy event: Int32) {
        keeper.store(Thread.current, ordering: .relaxed)
        Self.event.store(event, ordering: .releasing)
    }

    // Set before the handlers that read it are needed. The name is never freed.
    private nonisolated(unsafe) static var leftover: (parent: Int32, name: UnsafePointer<CChar>)?

    /// From now on the thread that ends the process, should it be the one that can't go on, removes
    /// this directory if it is empty.
    public static func remove(_ name: SealedName, in parent: borrowing FileDescriptor) {
        unsafe leftover = (
            parent.number, Unmanaged.passRetained(name).takeUnretainedValue().pointer
        )
    }

    /// Makes only calls that signal-safety(7) allows.
    public static func end() -> Never {
        let event = event.load(ordering: .acquiring)
        guard event >= 0, Thread.current != keeper.load(ordering: .relaxed) else {
            if let leftover = unsafe leftover {
                unsafe _ = unlinkat(leftover.parent, leftover.name, AT_REMOVEDIR)
            }
            _exit(1)
        }
        declared.store(true, ordering: .releasing)
        _ = eventfd_write(event, 1)
        Thread.park()
    }
}
