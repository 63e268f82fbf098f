import CLinux
import Linux

// Input and output directly between descriptors and guest memory: each method is one system call,
// restarted only on EINTR.
//
// The kernel gets a pointer to checked guest memory; a guest that changes it meanwhile changes the
// data only.
extension GuestMemory {
    /// write(2) from guest memory. Returns the number of bytes written.
    @inline(__always)
    public func write(_ range: GuestRange, to descriptor: Int32) throws(Errno) -> Int {
        try retryingCall { unsafe CLinux.write(descriptor, pointer(to: range), range.count) }
    }

    /// read(2) into guest memory. Returns the number of bytes read; 0 at the end.
    @inline(__always)
    public func read(into range: GuestRange, from descriptor: Int32) throws(Errno) -> Int {
        try retryingCall { unsafe CLinux.read(descriptor, pointer(to: range), range.count) }
    }

    /// pwrite(2): as `write`, at `offset` bytes from the start of the file.
    @inline(__always)
    public func write(
        _ range: GuestRange, to descriptor: Int32, at offset: Int
    ) throws(Errno) -> Int {
        try retryingCall { unsafe pwrite(descriptor, pointer(to: range), range.count, offset) }
    }

    /// pread(2): as `read`, at `offset` bytes from the start of the file.
    @inline(__always)
    public func read(
        into range: GuestRange, from descriptor: Int32, at offset: Int
    ) throws(Errno) -> Int {
        try retryingCall { unsafe pread(descriptor, pointer(to: range), range.count, offset) }
    }

    /// send(2) with MSG_DONTWAIT, for a console that is a socket.
    public func send(_ range: GuestRange, to descriptor: Int32) throws(Errno) -> Int {
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        return try retryingCall {
            unsafe CLinux.send(descriptor, pointer(to: range), range.count, flags)
        }
    }

    @inline(__always)
    private func retryingCall(_ call: () -> Int) throws(Errno) -> Int {
        while true {
            let result = call()
            if result >= 0 { return result }
            let errno = Errno.current
            if errno.code != EINTR { throw errno }
        }
    }
}
