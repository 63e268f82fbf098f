import CLinux
import Linux
import Synchronization

/// What becomes of an access to the mapped file when its room is gone: a file system that copies on
/// write was full, or another process made the file shorter. The kernel raises SIGBUS then; the guest
/// goes on with memory of the tender's own in place of the file, and what was recorded stays there.
///
/// This is one of the files with unsafe pointers: the kernel hands a signal's handler such.
enum LostRoom {
    /// The mapping's. Set once, before the handler that reads them is installed.
    private static let start = Atomic<UInt>(0)
    private static let count = Atomic(0)

    /// - Parameters:
    ///   - start: the address of the mapping.
    ///   - count: its size in bytes.
    static func handle(at start: UInt, count: Int) throws(Errno) {
        Self.start.store(start, ordering: .relaxed)
        Self.count.store(count, ordering: .relaxed)
        let result = unsafe linux_handle_bus_error { _, information, _ in
            // What the interrupted code may be about to look at.
            let errno = linux_errno()
            unsafe LostRoom.replace(information)
            linux_set_errno(errno)
        }
        guard result == 0 else { throw Errno.current }
    }

    /// Makes no calls but those that signal-safety(7) allows, and mmap(2).
    private static func replace(_ information: UnsafeMutablePointer<siginfo_t>?) {
        let address = unsafe information.map { unsafe UInt(linux_fault_address($0)) } ?? 0
        let start = start.load(ordering: .relaxed)
        let count = count.load(ordering: .relaxed)
        let (offset, isBelow) = address.subtractingReportingOverflow(start)
        guard !isBelow, offset < UInt(count), linux_map_zeros(start, count) == 0 else {
            write("bus error at an address that is no trace's\n")
            Emergency.end()
        }
        // Several vCPUs may come here at once; each says so.
        write("trace: the file has lost its room (a full disk, or it was made shorter): ")
        write("nothing more is recorded\n")
    }

    private static func write(_ text: StaticString) {
        unsafe _ = CLinux.write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    }
}
