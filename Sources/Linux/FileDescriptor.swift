import CLinux

/// A file descriptor that closes itself. Close-on-exec, and never one of the standard three.
public struct FileDescriptor: ~Copyable, Sendable {
    /// The number that the kernel knows it by.
    public let number: Int32

    /// Takes over an open descriptor.
    ///
    /// A descriptor below 3 means that the caller was started with a standard stream closed. It is
    /// moved away, or the console and the messages would go to it.
    public init(owning number: Int32) throws(Errno) {
        guard number <= 2 else {
            self.number = number
            return
        }
        defer { close(number) }
        self.number = try checked(linux_fcntl(number, F_DUPFD_CLOEXEC, 3))
    }

    private init(number: Int32) {
        self.number = number
    }

    /// A descriptor of nothing: every call on it fails.
    public static func closed() -> FileDescriptor { FileDescriptor(number: -1) }

    /// Opens `path`; `flags` as in open(2), close-on-exec added.
    public static func open(_ path: String, _ flags: Int32) throws(Errno) -> FileDescriptor {
        // The C string lives as long as the call.
        let number = unsafe linux_open(path, flags | O_CLOEXEC, 0)
        return try FileDescriptor(owning: checked(number))
    }

    /// Creates the file `path`, for writing; what is there already is an error.
    public static func create(_ path: String) throws(Errno) -> FileDescriptor {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
        return try FileDescriptor(owning: checked(unsafe linux_open(path, flags, 0o666)))
    }

    /// Another descriptor for the same opening of a file.
    public static func duplicate(_ number: Int32) throws(Errno) -> FileDescriptor {
        try FileDescriptor(owning: checked(linux_fcntl(number, F_DUPFD_CLOEXEC, 3)))
    }

    /// A socket to ask the kernel about network interfaces with. One of any family will do
    /// (netdevice(7)), and systemd's RestrictAddressFamilies= may leave only another one.
    public static func interfaceSocket() throws(Errno) -> FileDescriptor {
        let type = LINUX_DATAGRAM | LINUX_CLOSE_ON_EXEC
        var number = socket(AF_INET, type, 0)
        if number == -1, linux_errno() == EAFNOSUPPORT { number = socket(AF_UNIX, type, 0) }
        return try FileDescriptor(owning: checked(number))
    }

    /// Reads up to `count` bytes from `offset` on; fewer only where the file ends.
    public borrowing func read(at offset: UInt64, count: Int) throws(Errno) -> [UInt8] {
        guard let start = off_t(exactly: offset), count <= .max - start else {
            throw Errno(EOVERFLOW)
        }
        var failure: Errno?
        // pread stays within the room that the array made.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let room = count - filled
                let result = unsafe pread(
                    number, buffer.baseAddress.map { unsafe $0 + filled }, room, start + filled)
                if result > 0 {
                    filled += result
                } else if result == 0 {
                    return
                } else if linux_errno() != EINTR {
                    failure = Errno.current
                    return
                }
            }
        }
        if let failure { throw failure }
        return bytes
    }

    deinit {
        if number >= 0 { close(number) }
    }
}
