import CLinux

/// All that the kernel says about a file: the fields of stat(2).
public struct FileAttributes: Equatable, Sendable {
    public struct Time: Equatable, Sendable {
        public var seconds: Int64 = 0
        public var nanoseconds: Int32 = 0

        public init() {}

        fileprivate init(_ time: timespec) {
            seconds = Int64(time.tv_sec)
            nanoseconds = Int32(truncatingIfNeeded: time.tv_nsec)
        }
    }

    public var device: UInt64 = 0
    public var inode: UInt64 = 0
    public var linkCount: UInt64 = 0
    /// Kind and permissions.
    public var mode: UInt32 = 0
    public var user: UInt32 = 0
    public var group: UInt32 = 0
    /// Which device it stands for, if it does.
    public var representedDevice: UInt64 = 0
    /// In bytes.
    public var size: Int64 = 0
    public var blockSize: Int64 = 0
    /// Of 512 bytes each.
    public var blockCount: Int64 = 0
    public var accessed = Time()
    public var modified = Time()
    public var changed = Time()

    public init() {}

    public init(of descriptor: borrowing FileDescriptor) throws(Errno) {
        var status = stat()
        // The kernel fills in the struct, which is as it has it.
        _ = try checked(unsafe linux_fstat(descriptor.number, &status))
        device = UInt64(truncatingIfNeeded: status.st_dev)
        inode = UInt64(truncatingIfNeeded: status.st_ino)
        linkCount = UInt64(truncatingIfNeeded: status.st_nlink)
        mode = status.st_mode
        user = status.st_uid
        group = status.st_gid
        representedDevice = UInt64(truncatingIfNeeded: status.st_rdev)
        size = Int64(status.st_size)
        blockSize = Int64(status.st_blksize)
        blockCount = Int64(status.st_blocks)
        accessed = Time(status.st_atim)
        modified = Time(status.st_mtim)
        changed = Time(status.st_ctim)
    }

    public var isRegular: Bool { mode & Self.kindMask == Self.regular }
    public var isDirectory: Bool { mode & Self.kindMask == Self.directory }

    public static let directory: UInt32 = 0o040000
    public static let regular: UInt32 = 0o100000
    private static let kindMask: UInt32 = 0o170000
}
