import CLinux

/// Whether what a socket has for its reader is the end of the connection, and no data before it.
public func hasEnded(_ descriptor: Int32) -> Bool {
    var byte: UInt8 = 0
    // recv fills in no more than the byte.
    return unsafe recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) == 0
}
