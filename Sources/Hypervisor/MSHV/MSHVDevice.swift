import CLinux
import Linux

/// The system calls of the MSHV back end, which is generic over them: `MSHVSystemCalls`, or an
/// emulation of the device in tests.
///
/// Descriptors are the process's own in either case, and are closed by close(2).
public protocol MSHVDevice: Sendable {
    /// open(2), for reading and writing.
    func open(_ path: String) throws(Errno) -> FileDescriptor

    /// ioctl(2).
    ///
    /// - Parameter argument: a struct that the kernel reads and fills in during the call, as long
    ///   as the request's number says; nil for a request without one.
    /// - Returns: 0, or the descriptor that the request creates.
    @unsafe func ioctl(
        _ descriptor: Int32, _ request: UInt, _ argument: UnsafeMutableRawPointer?
    ) throws(Errno) -> Int32

    /// mmap(2): maps one page of `descriptor`, shared, for reading and writing.
    ///
    /// - Parameter page: the offset in the descriptor, in pages of 4096 bytes.
    func mapPage(_ page: Int, of descriptor: Int32) throws(Errno) -> MemoryMapping
}

/// The kernel's own system calls.
public struct MSHVSystemCalls: MSHVDevice {
    public init() {}

    public func open(_ path: String) throws(Errno) -> FileDescriptor {
        try FileDescriptor.open(path, O_RDWR)
    }

    @inline(__always)
    @unsafe public func ioctl(
        _ descriptor: Int32, _ request: UInt, _ argument: UnsafeMutableRawPointer?
    ) throws(Errno) -> Int32 {
        let result = unsafe linux_ioctl(descriptor, request, argument)
        guard result != -1 else { throw Errno.current }
        return result
    }

    public func mapPage(_ page: Int, of descriptor: Int32) throws(Errno) -> MemoryMapping {
        try MemoryMapping.shared(4096, with: descriptor, offset: page * 4096)
    }
}
