import CLinux

// What a file or block device that backs a disk is asked for when it is opened.
extension FileDescriptor {
    /// The size of a regular file or of a block device, in bytes.
    public borrowing func capacity() throws(Errno) -> UInt64 {
        UInt64(clamping: try checked(lseek(number, 0, SEEK_END)))
    }

    /// Locks the whole file until the descriptor is closed, without waiting.
    ///
    /// The lock belongs to the open file, not to the process: opening and closing the same file
    /// elsewhere in the process does not end it.
    public borrowing func lock(exclusively: Bool) throws(Errno) {
        // From byte 0 on without end.
        var lock = flock()
        lock.l_type = Int16(exclusively ? F_WRLCK : F_RDLCK)
        lock.l_whence = Int16(SEEK_SET)
        // The kernel reads the struct while the call lasts.
        _ = try checked(unsafe linux_lock(number, F_OFD_SETLK, &lock))
    }

    /// Locks a block device, whatever name it was opened by; readers can share it.
    ///
    /// The lock is one on the file in which the kernel tells the device's number.
    ///
    /// - Returns: what holds the lock while it is open; nil where there is no /sys.
    /// - Throws: EWOULDBLOCK if another process has it.
    public borrowing func lockDevice(exclusively: Bool) throws(Errno) -> FileDescriptor? {
        var status = stat()
        // fstat fills in the struct that it is handed.
        _ = try checked(unsafe fstat(number, &status))
        let (major, minor) = (linux_major(status.st_rdev), linux_minor(status.st_rdev))
        let path = "/sys/dev/block/\(major):\(minor)/dev"
        guard let file = try? FileDescriptor.open(path, O_RDONLY) else { return nil }
        _ = try checked(flock(file.number, (exclusively ? LOCK_EX : LOCK_SH) | LOCK_NB))
        return file
    }
}

/// The kernel's facts about a block device, the same under each of its names.
public struct BlockDeviceFacts: Sendable {
    /// Whether the device itself takes no writes, though it may have opened for writing (BLKROGET).
    public let isReadOnly: Bool
    /// The smallest unit that the device can address, in bytes (BLKSSZGET).
    public let sectorSize: UInt64

    /// - Throws: ENOTTY if `descriptor` is no block device's.
    public init(of descriptor: borrowing FileDescriptor) throws(Errno) {
        var (readOnly, size): (Int32, Int32) = (0, 0)
        // The kernel stores an int during each call.
        _ = try checked(unsafe linux_ioctl(descriptor.number, LINUX_BLKROGET, &readOnly))
        _ = try checked(unsafe linux_ioctl(descriptor.number, LINUX_BLKSSZGET, &size))
        isReadOnly = readOnly != 0
        sectorSize = UInt64(clamping: size)
    }
}
