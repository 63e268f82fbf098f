import CLinux

/// A descriptor that the parent process left open for this one.
public struct InheritedDescriptor: Sendable {
    public let number: Int32
    private let statusFlags: Int32

    /// - Throws: `EBADF` if the number was not inherited. What this process opens itself closes on
    ///   exec and is thereby told apart from what came through exec.
    public init(number: Int32) throws(Errno) {
        guard try checked(linux_fcntl(number, F_GETFD, 0)) & FD_CLOEXEC == 0 else {
            throw Errno(EBADF)
        }
        self.number = number
        statusFlags = try checked(linux_fcntl(number, F_GETFL, 0))
    }

    /// Whether it can be both read and written.
    public var isBidirectional: Bool { statusFlags & LINUX_ACCESS_MODE == O_RDWR }

    /// Whether it is a socket that carries bytes without bounds between messages.
    public var isStream: Bool { isStreamSocket(number) }

    /// Gives it up. No copy of this value may be used any more.
    public func close() {
        _ = CLinux.close(number)
    }

    /// Makes it this process's own, under the same number, and never wait.
    public func adopt() throws(Errno) -> FileDescriptor {
        _ = try checked(linux_fcntl(number, F_SETFL, Int(statusFlags | O_NONBLOCK)))
        _ = try checked(linux_fcntl(number, F_SETFD, Int(FD_CLOEXEC)))
        return try FileDescriptor(owning: number)
    }
}
