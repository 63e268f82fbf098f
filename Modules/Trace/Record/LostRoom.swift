import CLinux
import Linux
import Synchronization

/// Handles SIGBUS from an access to the mapped file, which the kernel raises if a copy-on-write
/// file system is full, or another process truncated the file. Anonymous memory replaces the
/// mapping, and the guest runs on; the file keeps its records.
///
/// This file uses unsafe pointers, because the kernel passes them to signal handlers.
enum LostRoom {
    /// The mapping's address and size. Set once, before the handler that reads them is installed.
    private static let start = Atomic<UInt>(0)
    private static let count = Atomic(0)

    /// - Parameters:
    ///   - start: the address of the mapping.
    ///   - count: its size in bytes.
    static func handle(at start: UInt, count: Int) throws(Errno) {
        Self.start.store(start, ordering: .relaxed)
        Self.count.store(count, ordering: .relaxed)
        let result = unsafe linux_handle_bus_error { _, information, _ in
            // Preserved for the interrupted code.
            let errno = linux_errno()
            unsafe LostRoom.replace(information)
            linux_set_errno(errno)
        }
        guard result == 0 else { throw Errno.current }
    }

    /// Replaces the mapping by anonymous memory. Calls only async-signal-safe functions
    /// (signal-safety(7)), and mmap(2).
    private static func replace(_ information: UnsafeMutablePointer<siginfo_t>?) {
        let address = unsafe information.map { unsafe UInt(linux_fault_address($0)) } ?? 0
        let start = start.load(ordering: .relaxed)
        let count = count.load(ordering: .relaxed)
        let (offset, isBelow) = address.subtractingReportingOverflow(start)
        guard !isBelow, offset < UInt(count), linux_map_zeros(start, count) == 0 else {
            var line = MessageLine()
            line.append("bus error at an address that is no trace's")
            line.writeDirectly()
            Emergency.end()
        }
        // Several vCPUs may get here at once; each prints the line.
        var line = MessageLine()
        line.append("trace: the file has lost its room (a full disk, or it was made shorter): ")
        line.append("nothing more is recorded")
        line.writeDirectly()
    }
}
