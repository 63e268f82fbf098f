import CLinux

/// A fixed descriptor number, which connections use one after the other; between two it is an eventfd
/// that is never ready.
public struct Connection: ~Copyable, Sendable {
    private let file: FileDescriptor
    /// The eventfd that takes the number when a connection ends.
    private let nothing: FileDescriptor
    /// A number that `accept` can use in passing, even if no descriptor may be above those that
    /// are open.
    private var passing: FileDescriptor

    public init() throws(Errno) {
        let nothing = try FileDescriptor(
            owning: checked(eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))))
        let file = try FileDescriptor.duplicate(nothing.number)
        let passing = try FileDescriptor.duplicate(nothing.number)
        self.nothing = nothing
        self.file = file
        self.passing = passing
    }

    /// The same for all connections.
    public var number: Int32 { file.number }
    /// Those that have to stay open besides.
    public var spareNumbers: [Int32] { [nothing.number, passing.number] }

    /// Frees a number, to be done before the first `accept`, and never undone.
    public mutating func makeRoom() {
        passing = .closed()
    }

    /// Ends the connection that there is.
    public borrowing func end() {
        _ = dup3(nothing.number, file.number, O_CLOEXEC)
    }

    /// The bytes that have arrived, up to `count` bytes; empty at the end of the connection, nil if there is
    /// nothing yet.
    public borrowing func receive(upTo count: Int) throws(Errno) -> [UInt8]? {
        var failure: Errno?
        // recv stays within the room that the array made.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let result = unsafe recv(
                file.number, buffer.baseAddress, count, Int32(MSG_DONTWAIT))
            filled = max(0, result)
            if result < 0 { failure = Errno.current }
        }
        guard let failure else { return bytes }
        if failure.code == EAGAIN || failure.code == EINTR { return nil }
        throw failure
    }

    /// Sends what there is room for, and returns how much that was.
    public borrowing func send(_ bytes: ArraySlice<UInt8>) throws(Errno) -> Int {
        do throws(Errno) {
            return try Output.send(bytes, to: file.number)
        } catch {
            if error.code == EAGAIN { return 0 }
            throw error
        }
    }
}

/// The descriptors that a thread waits for, two at once. Either number may be -1, for none.
public struct Readiness: Sendable {
    public var first = false
    public var second = false

    /// Waits until `first` can be read, or `second` be read or written.
    ///
    /// - Parameter nanoseconds: how long at most; nil for as long as it takes.
    public static func wait(
        _ first: Int32, _ second: Int32, forWriting isWriting: Bool = false,
        upTo nanoseconds: UInt64? = nil
    ) -> Readiness {
        var requests = (
            pollfd(fd: first, events: Int16(POLLIN), revents: 0),
            pollfd(fd: second, events: Int16(isWriting ? POLLOUT : POLLIN), revents: 0)
        )
        var timeout = timespec(nanoseconds: nanoseconds ?? 0)
        // A tuple's elements lie one after the other; the kernel fills in what became of them.
        unsafe withUnsafeMutablePointer(to: &requests) { pointer in
            unsafe pointer.withMemoryRebound(to: pollfd.self, capacity: 2) { array in
                if nanoseconds == nil {
                    _ = unsafe ppoll(array, 2, nil, nil)
                } else {
                    _ = unsafe ppoll(array, 2, &timeout, nil)
                }
            }
        }
        return Readiness(first: requests.0.revents != 0, second: requests.1.revents != 0)
    }
}
