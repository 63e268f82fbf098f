import CLinux
import Linux
import Tender

/// What the process holds, and how much more it may get.
enum Resources {
    /// Closes all descriptors but the standard streams and these.
    static func closeDescriptors(but kept: [Int32]) throws(Errno) {
        var first: UInt32 = 3
        for number in kept.filter({ $0 > 2 }).sorted() {
            let number = UInt32(bitPattern: number)
            if number > first { try close(first, number - 1) }
            first = max(first, number + 1)
        }
        try close(first, .max)
    }

    private static func close(_ first: UInt32, _ last: UInt32) throws(Errno) {
        guard linux_close_range(first, last) == 0 else {
            let errno = Errno.current
            // Kernels before 5.9: what we opened ourselves closes on exec at least.
            if errno.code == ENOSYS { return }
            throw errno
        }
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
        if errno.code != EPERM { throw errno }
    }

    /// A log may grow to any size.
    private static var isAnyStreamAFile: Bool {
        [STDOUT_FILENO, STDERR_FILENO].contains {
            (try? FileStatus(of: $0))?.kind == .regular
        }
    }
}
