import CLinux

/// The kind of an open file.
public struct FileStatus: Sendable {
    public enum Kind: Sendable {
        case regular, blockDevice, socket, other
    }

    public let kind: Kind
    /// In bytes; 0 for anything but a regular file.
    public let size: UInt64

    public init(of descriptor: Int32) throws(Errno) {
        var status = stat()
        // fstat fills in the struct that it is handed.
        _ = try checked(unsafe fstat(descriptor, &status))
        let mode = status.st_mode
        if linux_is_regular(mode) != 0 {
            kind = .regular
        } else if linux_is_block(mode) != 0 {
            kind = .blockDevice
        } else if linux_is_socket(mode) != 0 {
            kind = .socket
        } else {
            kind = .other
        }
        size = kind == .regular ? UInt64(clamping: status.st_size) : 0
    }
}
