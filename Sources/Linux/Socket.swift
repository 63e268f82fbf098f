import CLinux

/// Whether what a socket has for its reader is the end of the connection, and no data before it.
public func hasEnded(_ descriptor: Int32) -> Bool {
    var byte: UInt8 = 0
    // recv fills in no more than the byte.
    return unsafe recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) == 0
}

/// Whether the descriptor is a socket that carries bytes without bounds between messages.
public func isStreamSocket(_ descriptor: Int32) -> Bool {
    var type: Int32 = 0
    var size = socklen_t(MemoryLayout.size(ofValue: type))
    // The kernel fills in no more than `size` bytes of `type`.
    let result = unsafe getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size)
    return result == 0 && type == LINUX_STREAM
}
