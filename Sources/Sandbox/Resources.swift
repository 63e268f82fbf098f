import CLinux
import Linux
import Tender

/// Descriptors that the process holds, and limits on what it can get.
enum Resources {
    /// Whether close_range(2) may be tried.
    nonisolated(unsafe) static var canCloseRanges = true

    /// /proc/self/fd, if close_range(2) can't be had: by that time, no file can be opened any more.
    /// Used by the thread that sets up the sandbox alone.
    private nonisolated(unsafe) static var listing: FileDescriptor?

    /// Makes sure that descriptors can be closed once no file can be opened any more.
    static func prepareToClose() {
        // A range of no descriptor.
        if unsafe canCloseRanges, linux_close_range(.max, .max) == 0 { return }
        unsafe listing = try? FileDescriptor.open("/proc/self/fd", O_RDONLY | O_DIRECTORY)
    }

    /// Closes all descriptors but the standard streams and these.
    ///
    /// - Returns: whether that is sure. Kernels before 5.9 have no close_range(2), and some policies
    ///   refuse it; then /proc says what is open, and without it, no number above the limit is closed.
    static func closeDescriptors(but kept: [Int32]) throws(Errno) -> Bool {
        var first: UInt32 = 3
        for number in kept.filter({ $0 > 2 }).sorted() {
            let number = UInt32(bitPattern: number)
            if number > first, try !close(first, number - 1) { return try closeEach(but: kept) }
            first = max(first, number + 1)
        }
        return try close(first, .max) ? true : closeEach(but: kept)
    }

    /// - Returns: whether that can be done at all.
    private static func close(_ first: UInt32, _ last: UInt32) throws(Errno) -> Bool {
        guard unsafe canCloseRanges else { return false }
        if linux_close_range(first, last) == 0 { return true }
        let errno = Errno.current
        guard errno.isRefusal else { throw errno }
        return false
    }

    private static func closeEach(but kept: [Int32]) throws(Errno) -> Bool {
        var directory = unsafe listing.take()
        if directory == nil {
            directory = try? FileDescriptor.open("/proc/self/fd", O_RDONLY | O_DIRECTORY)
        }
        guard let directory else { return closeNumbers(but: kept) }
        var open: [Int32] = []
        while true {
            // All are listed before any is closed.
            guard let names = try? directory.entries(room: 4096).names else {
                return closeNumbers(but: kept + [directory.number])
            }
            if names.isEmpty { break }
            open += names.compactMap { Int32(String(decoding: $0, as: UTF8.self)) }
        }
        for number in open where number > 2 && number != directory.number && !kept.contains(number)
        {
            _ = CLinux.close(number)
        }
        return true
    }

    /// The most numbers to try; some hosts have limits of a thousand million.
    private static let mostNumbers: UInt64 = 1 << 16

    private static func closeNumbers(but kept: [Int32]) -> Bool {
        let limit = linux_limit(Int32(LINUX_LIMIT_DESCRIPTORS))
        for number in 3..<max(4, Int32(clamping: min(limit, mostNumbers)))
        where !kept.contains(number) {
            _ = CLinux.close(number)
        }
        return limit <= mostNumbers
    }

    /// Limits what this process can still make.
    static func limit(_ confinement: Confinement) throws(Errno) {
        try limit(LINUX_LIMIT_CORE, 0)
        // Not of processes, though none can be made: KVM makes a thread for itself when a guest first
        // runs, and that counts.
        if let descriptors = confinement.descriptors {
            let highest = descriptors.max() ?? 0
            try limit(LINUX_LIMIT_DESCRIPTORS, UInt64(max(highest, 2)) + 1)
        }
        if let size = confinement.largestFile, !isAnyStreamAFile {
            try limit(LINUX_LIMIT_FILE_SIZE, size)
        }
    }

    private static func limit(_ resource: Int, _ value: UInt64) throws(Errno) {
        if linux_set_limit(Int32(resource), value) == 0 { return }
        let errno = Errno.current
        // It is lower already, and may not be raised.
        if errno.code == EPERM, linux_limit(Int32(resource)) <= value { return }
        throw errno
    }

    /// A log may grow to any size.
    private static var isAnyStreamAFile: Bool {
        [STDOUT_FILENO, STDERR_FILENO].contains {
            (try? FileStatus(of: $0))?.kind == .regular
        }
    }
}
