import CLinux

/// How to write to a descriptor without waiting for its reader.
///
/// O_NONBLOCK is a property of the opening (open file description), which we share with the
/// processes that we have it from, so it is not ours to set.
public enum OutputWay: Sendable {
    /// write(2), which does not block.
    case write
    /// send(2), which can be told not to block.
    case send
    /// write(2), which may block, and so only what is sure to fit at once.
    case careful

    /// A pipe with room takes this much without blocking (pipe(7), PIPE_BUF).
    public static let carefulCount = 4096

    /// The way for an opening that is not ours alone.
    public init(sharing kind: FileStatus.Kind) {
        self =
            switch kind {
            case .regular, .blockDevice: .write
            case .socket: .send
            case .other: .careful
            }
    }

    /// Opens the pipe or terminal of a descriptor once more, as one that does not block.
    public static func reopen(_ descriptor: Int32) throws(Errno) -> FileDescriptor {
        try FileDescriptor.open(
            "/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_APPEND)
    }

    /// Whether a descriptor, of this kind, is open for writing.
    public static func isWritable(_ descriptor: Int32, _ kind: FileStatus.Kind) -> Bool {
        let flags = linux_fcntl(descriptor, F_GETFL, 0)
        if flags >= 0 { return flags & LINUX_ACCESS_MODE != O_RDONLY }
        // Some policies refuse fcntl(2). Any socket can be written to, and to write nothing to it
        // might be to send something. To others that does nothing, but fails for these alone.
        if kind == .socket { return true }
        // The kernel is given no bytes.
        return CLinux.write(descriptor, nil, 0) == 0 || linux_errno() != EBADF
    }
}
