import CLinux

/// Memory that the kernel mapped for us, given back at the end.
///
/// Users of `base` must stay below `count`: the run page and guest memory do.
@safe public struct MemoryMapping: ~Copyable, @unchecked Sendable {
    @unsafe public let base: UnsafeMutableRawPointer
    /// In bytes.
    public let count: Int
    /// The whole mapping: `base` and some room before and after it.
    private let whole: UnsafeMutableRawBufferPointer

    /// The size of a huge page, and the alignment that it needs.
    public static let hugePageSize = 2 << 20

    /// Zeros, private to this process, committed page by page as they are touched.
    ///
    /// They begin where a huge page could.
    public static func anonymous(_ count: Int) throws(Errno) -> MemoryMapping {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        return try MemoryMapping(
            count: count, alignment: hugePageSize, flags: flags, descriptor: -1)
    }

    /// The same for what is small: they begin at any page.
    public static func anonymousPages(_ count: Int) throws(Errno) -> MemoryMapping {
        try MemoryMapping(
            count: count, alignment: 1, flags: MAP_PRIVATE | MAP_ANONYMOUS, descriptor: -1)
    }

    /// Memory that `descriptor` shares.
    ///
    /// - Parameter offset: where it begins in the descriptor, in bytes, a multiple of the page size.
    public static func shared(
        _ count: Int, with descriptor: Int32, offset: Int = 0
    ) throws(Errno) -> MemoryMapping {
        try MemoryMapping(
            count: count, alignment: 1, flags: MAP_SHARED, descriptor: descriptor, offset: offset)
    }

    private init(
        count: Int, alignment: Int, flags: Int32, descriptor: Int32, offset: Int = 0
    ) throws(Errno) {
        guard count > 0 else { throw Errno(EINVAL) }
        let (room, overflow) = count.addingReportingOverflow(alignment - 1)
        if overflow { throw Errno(ENOMEM) }
        // A fresh mapping at an address of the kernel's choice replaces nothing.
        let mapped = unsafe mmap(
            nil, room, PROT_READ | PROT_WRITE, flags, descriptor, off_t(offset))
        guard let mapped = unsafe mapped, unsafe mapped != linux_map_failed() else {
            throw Errno.current
        }
        unsafe whole = UnsafeMutableRawBufferPointer(start: mapped, count: room)
        // Skips less than what was asked for beyond `count`.
        unsafe self.base = mapped.alignedUp(toMultipleOf: alignment)
        self.count = count
    }

    /// Restricts what this process, and thereby any guest, can do with part of the memory.
    ///
    /// - Parameters: offset and count in bytes, multiples of the page size.
    public borrowing func protect(
        offset: Int, count: Int, readable: Bool, writable: Bool
    ) throws(Errno) {
        let protection = (readable ? PROT_READ : 0) | (writable ? PROT_WRITE : 0)
        // Taking rights away from our own mapping; the kernel checks that it is mapped.
        _ = try checked(unsafe mprotect(base + offset, count, protection))
    }

    /// Commits part of the memory in pages of the smallest size, whatever the system prefers.
    ///
    /// A huge page is zeroed whole when any of it is touched: a waste where little is. A kernel that
    /// has no huge pages refuses, and need not be told.
    ///
    /// - Parameters: offset and count in bytes, multiples of the page size.
    public borrowing func keepPagesSmall(offset: Int, count: Int) {
        // Changes neither what is mapped nor what it holds.
        unsafe _ = madvise(base + offset, count, MADV_NOHUGEPAGE)
    }

    /// Commits part of the memory in huge pages if the system has them, for what is about to be
    /// filled as a whole.
    ///
    /// - Parameters: offset and count in bytes, multiples of the huge page size.
    public borrowing func preferHugePages(offset: Int, count: Int) {
        // Changes neither what is mapped nor what it holds.
        unsafe _ = madvise(base + offset, count, MADV_HUGEPAGE)
    }

    /// Has the kernel look for pages that are equal to others, in this process or another one, and
    /// keep them once. A kernel that can't refuses, and need not be told.
    public borrowing func shareEqualPages() {
        // Changes neither what is mapped nor what it holds.
        unsafe _ = madvise(base, count, MADV_MERGEABLE)
    }

    deinit {
        // Nothing refers to the mapping any more.
        unsafe _ = munmap(whole.baseAddress, whole.count)
    }
}
