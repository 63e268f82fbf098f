import CLinux

/// A socket that others on the same machine connect to, one at a time.
public struct Listener: ~Copyable, Sendable {
    private let file: FileDescriptor

    private init(_ file: consuming FileDescriptor) {
        self.file = file
    }

    public var number: Int32 { file.number }

    /// A TCP port of the loopback interface, and of no other.
    ///
    /// - Parameter port: 0 for any that is free.
    public static func loopback(port: UInt16) throws(Errno) -> Listener {
        let file = try open(AF_INET)
        var on: Int32 = 1
        // One that has just ended leaves the port in a state that would keep us from it.
        unsafe setsockopt(
            file.number, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        try bind(file.number, &address)
        return try Listener(listening: file)
    }

    /// A socket at `path`, which only its owner can connect to. A stale one, to which
    /// no process listens, is replaced.
    ///
    /// - Throws: ENAMETOOLONG, EADDRINUSE if anything else is there, or what else keeps it from being.
    public static func unix(path: String) throws(Errno) -> Listener {
        var address = try sockaddr_un(path: path)
        let file = try open(AF_UNIX)
        // The file gets the socket's permissions, so at no time can others connect.
        _ = try checked(fchmod(file.number, 0o600))
        do throws(Errno) {
            try bind(file.number, &address)
        } catch {
            guard error.code == EADDRINUSE, try isAbandoned(&address) else { throw error }
            // The path is a string that lasts for the call.
            _ = try checked(unsafe unlink(path))
            try bind(file.number, &address)
        }
        return try Listener(listening: file)
    }

    /// Finds out whether `unix(path:)` would succeed, and leaves nothing there.
    ///
    /// - Returns: a socket under an abstract name of the kernel's choice (unix(7), autobind).
    public static func rehearse(path: String) throws(Errno) -> Listener {
        var address = try sockaddr_un(path: path)
        do throws(Errno) {
            try checkCreatable(path)
        } catch {
            guard error.code == EEXIST else { throw error }
            guard try isAbandoned(&address) else { throw Errno(EADDRINUSE) }
        }
        let file = try open(AF_UNIX)
        // An address of no more than this is chosen by the kernel (unix(7), autobind).
        var family = sa_family_t(AF_UNIX)
        try bind(file.number, &family)
        return try Listener(listening: file)
    }

    private init(listening file: consuming FileDescriptor) throws(Errno) {
        _ = try checked(listen(file.number, 1))
        self.init(file)
    }

    /// The port that it listens on.
    public borrowing func port() throws(Errno) -> UInt16 {
        var address = sockaddr_in()
        var count = socklen_t(MemoryLayout<sockaddr_in>.size)
        // The kernel fills in no more than the struct.
        _ = try checked(unsafe linux_socket_name(file.number, &address, &count))
        return UInt16(bigEndian: address.sin_port)
    }

    /// Accepts a connection as descriptor `number`, in place of what that was.
    public borrowing func accept(as number: Int32) throws(Errno) {
        let flags = LINUX_CLOSE_ON_EXEC | LINUX_NONBLOCKING
        let accepted = try checked(linux_accept(file.number, flags))
        defer { close(accepted) }
        _ = try checked(dup3(accepted, number, O_CLOEXEC))
    }

    private static func open(_ family: Int32) throws(Errno) -> FileDescriptor {
        let type = LINUX_STREAM | LINUX_CLOSE_ON_EXEC | LINUX_NONBLOCKING
        return try FileDescriptor(owning: checked(socket(family, type, 0)))
    }

    private static func bind<Address: BitwiseCopyable>(
        _ number: Int32, _ address: inout Address
    ) throws(Errno) {
        let count = socklen_t(MemoryLayout<Address>.size)
        // The kernel reads the address during the call.
        _ = try checked(unsafe linux_bind(number, &address, count))
    }

    /// Whether there is a stale socket, to which no process listens.
    private static func isAbandoned(_ address: inout sockaddr_un) throws(Errno) -> Bool {
        let file = try open(AF_UNIX)
        let count = socklen_t(MemoryLayout<sockaddr_un>.size)
        // The kernel reads the address during the call.
        let result = unsafe linux_connect(file.number, &address, count)
        return result != 0 && linux_errno() == ECONNREFUSED && isSocket(address)
    }

    private static func isSocket(_ address: sockaddr_un) -> Bool {
        var status = stat()
        // The path ends with a zero, and the kernel fills in the struct.
        let result = unsafe withUnsafePointer(to: address.sun_path) { pointer in
            unsafe pointer.withMemoryRebound(to: CChar.self, capacity: sockaddr_un.room) {
                unsafe lstat($0, &status)
            }
        }
        return result == 0 && linux_is_socket(status.st_mode) != 0
    }
}
