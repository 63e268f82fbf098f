import CLinux

/// Where this process's objects are.
public enum Heap {
    /// From now on large objects are on the heap as well, and not in mappings of their own, which
    /// could not be given back any more once a sandbox is closed. To be called before there are any.
    public static func takeLargeObjects() {
        _ = mallopt(M_MMAP_MAX, 0)
    }

    /// From now on no thread gets a heap of its own, and the common one is neither made smaller nor
    /// evaded by mappings: it only ever grows, by brk(2), and not before `count` bytes of it are in
    /// use. So a sandbox need allow nothing else.
    public static func settle(reserving count: Int) throws(Errno) {
        // The C library has all of these settings (mallopt(3)).
        _ = mallopt(M_ARENA_MAX, 1)
        _ = mallopt(M_MMAP_MAX, 0)
        _ = mallopt(M_TRIM_THRESHOLD, .max)
        // What was never touched takes up no memory.
        guard linux_grow_heap(count) == 0 else {
            // Room for the message.
            _ = mallopt(M_MMAP_MAX, 1)
            throw Errno(ENOMEM)
        }
    }
}
