import CLinux
import Synchronization

/// Where this process's objects are.
public enum Heap {
    /// From now on large objects are on the heap as well, and not in mappings of their own, which
    /// could not be given back any more once a sandbox is closed. To be called before there are any.
    public static func takeLargeObjects() {
        linux_keep_large_objects()
    }

    /// From now on no thread gets a heap of its own, and the common one is neither made smaller nor
    /// evaded by mappings: it only ever grows, by brk(2), and not before `count` bytes of it are in
    /// use. So a sandbox need allow nothing else.
    ///
    /// When the kernel has no more for it, the C library asks for a mapping all the same, whatever it
    /// was told. A sandbox must answer that with an error (`fallback`).
    public static func settle(reserving count: Int) throws(Errno) {
        linux_settle_heap()
        // What was never touched takes up no memory.
        guard linux_grow_heap(count) == 0 else {
            // Room for the message.
            linux_release_heap()
            throw Errno(ENOMEM)
        }
        // The C library takes a part of the heap's end for this, not new memory.
        if ration.load(ordering: .relaxed) == 0 { unsafe replaceRation(with: malloc(rationCount)) }
    }

    /// The smallest mapping that the C library asks for when the heap can't grow, in bytes: what is
    /// wanted and M_TOP_PAD (mallopt(3)). With GLIBC_TUNABLES=glibc.malloc.hugetlb=2 it asks for
    /// nothing else.
    public static let smallestFallback = 128 << 10

    // MARK: When there is no more

    /// For the work that is left when there is no more memory: its address, or 0.
    private static let ration = Atomic<UInt>(0)
    private static let rationCount = 64 << 10

    /// Makes room on a heap that is full. For the thread that cleans up.
    public static func releaseRation() { unsafe replaceRation(with: nil) }

    private static func replaceRation(with room: UnsafeMutableRawPointer?) {
        let former = ration.exchange(
            UInt(bitPattern: room), ordering: .acquiringAndReleasing)
        // Nothing else refers to it.
        unsafe free(UnsafeMutableRawPointer(bitPattern: former))
    }

    private static let reason: StaticString =
        "no more memory: a limit by ulimit -v or -d, a cgroup's, or vm.overcommit_memory=2"

    /// The limits of memory, for messages.
    public static var limits: String { reason.description }

    private static let standardName: StaticString = "pinnace"
    /// The beginning of the line. Never freed.
    private nonisolated(unsafe) static var program = unsafe UnsafeBufferPointer<UInt8>(
        start: standardName.utf8Start, count: standardName.utf8CodeUnitCount)

    /// - Parameter program: what the line about a lack of memory begins with.
    public static func name(_ program: String) {
        let bytes = Array(program.utf8)
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        unsafe _ = copy.initialize(from: bytes)
        unsafe Self.program = UnsafeBufferPointer(copy)
    }

    /// Has the process end with a line and status 1 where it needs memory and there is none.
    ///
    /// The language has no error for that: an object that can't be made is a trap, or an access to no
    /// memory, right after the C library has left ENOMEM in `errno`. Any other trap ends the process
    /// as ever.
    public static func explainExhaustion() {
        isExplained.store(true, ordering: .relaxed)
        for signal in signals { _ = linux_handle_trap(signal, trapped) }
    }

    /// Whether `explainExhaustion` was called.
    private static let isExplained = Atomic(false)

    /// Has it done again, after these signals had other handlers, where it was.
    public static func resumeExplanation() {
        if isExplained.load(ordering: .relaxed) { explainExhaustion() }
    }

    /// For another handler of these signals, when one comes from an instruction: ends the process as
    /// above if a lack of memory is the reason, and returns otherwise.
    public static func endIfExhausted() {
        guard isExplained.load(ordering: .relaxed), linux_errno() == ENOMEM else { return }
        var line = MessageLine()
        unsafe line.append(program)
        line.append(": ")
        line.append(reason)
        line.writeDirectly()
        Emergency.end()
    }

    /// The signals of a thread that uses an object for which there was no memory.
    public static let signals = [SIGILL, SIGTRAP, SIGSEGV]

    // Makes only calls that signal-safety(7) allows.
    private static let trapped: @convention(c) (Int32) -> Void = { signal in
        endIfExhausted()
        linux_trap_again(signal)
    }
}
