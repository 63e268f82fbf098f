import CLinux

/// Sockets that connect processes of the same machine (unix(7)). None of them waits.
public enum UnixSocket {
    /// Connects to the socket at `path`, of whatever type that is.
    ///
    /// A socket for datagrams gets an abstract address of the kernel's choice (autobind), so that
    /// the peer can answer.
    public static func connect(to path: String) throws(Errno) -> FileDescriptor {
        var address = try sockaddr_un(path: path)
        for type in [LINUX_STREAM, LINUX_PACKETS] {
            do throws(Errno) {
                return try connect(type, &address)
            } catch {
                // The socket there is of another type.
                if error.code != EPROTOTYPE { throw error }
            }
        }
        return try connect(LINUX_DATAGRAM, &address)
    }

    private static func connect(
        _ type: Int32, _ address: inout sockaddr_un
    ) throws(Errno) -> FileDescriptor {
        let flags = LINUX_CLOSE_ON_EXEC | LINUX_NONBLOCKING
        let file = try FileDescriptor(
            owning: checked(socket(AF_UNIX, type | flags, 0)))
        if type == LINUX_DATAGRAM {
            var family = sa_family_t(AF_UNIX)
            let count = socklen_t(MemoryLayout<sa_family_t>.size)
            // The kernel reads the address during the call, as below.
            _ = try checked(unsafe linux_bind(file.number, &family, count))
        }
        let count = socklen_t(MemoryLayout<sockaddr_un>.size)
        _ = try checked(unsafe linux_connect(file.number, &address, count))
        return file
    }

    /// Two connected stream sockets (socketpair(2)).
    ///
    /// - Parameter other: set to one of them.
    /// - Returns: the other one.
    public static func pair(with other: inout FileDescriptor) throws(Errno) -> FileDescriptor {
        let type = LINUX_STREAM | LINUX_CLOSE_ON_EXEC | LINUX_NONBLOCKING
        var ends: [Int32] = [-1, -1]
        // The kernel fills in both.
        _ = try checked(unsafe socketpair(AF_UNIX, Int32(type), 0, &ends))
        let own = try FileDescriptor(owning: ends[0])
        other = try FileDescriptor(owning: ends[1])
        return own
    }
}

extension sockaddr_un {
    /// The size of the longest path in bytes, with the zero at its end.
    static var room: Int { MemoryLayout.size(ofValue: sockaddr_un().sun_path) }

    init(path: String) throws(Errno) {
        self.init()
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty else { throw Errno(ENOENT) }
        guard bytes.count < Self.room else { throw Errno(ENAMETOOLONG) }
        sun_family = sa_family_t(AF_UNIX)
        // All of it is zeros, and the bytes were counted.
        unsafe withUnsafeMutableBytes(of: &sun_path) { room in
            unsafe room.copyBytes(from: bytes)
        }
    }
}
