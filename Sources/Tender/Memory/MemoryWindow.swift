import CLinux
import Linux

/// Access to guest memory for debuggers that ignores page protections and leaves them unchanged.
///
/// Uses /proc/self/mem, by which the kernel reads and writes this process's private memory whatever
/// its protection (proc(5)). Only offsets of checked guest memory ranges are used.
@safe public final class MemoryWindow {
    private let file: FileDescriptor

    /// Opens a file, so must be called before the sandbox is closed.
    public init() throws(Errno) {
        file = try FileDescriptor.open("/proc/self/mem", O_RDWR)
    }

    public var number: Int32 { file.number }

    /// Up to `count` bytes from a guest-physical address on, as far as guest memory reaches.
    ///
    /// - Throws: EFAULT if the first byte is not guest memory.
    public func read(
        at address: UInt64, count: Int, of memory: GuestMemory
    ) throws(Errno) -> [UInt8] {
        let (range, offset) = try locate(address, count, in: memory)
        var failure: Errno?
        // The kernel fills in no more than the array's capacity.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
            let result = unsafe pread(file.number, buffer.baseAddress, range.count, offset)
            filled = max(0, result)
            if result < 0 { failure = Errno.current }
        }
        if let failure { throw failure }
        guard !bytes.isEmpty || count == 0 else { throw Errno(EFAULT) }
        return bytes
    }

    /// - Throws: EFAULT if any of the bytes is not guest memory; then nothing is written.
    public func write(
        _ bytes: [UInt8], at address: UInt64, of memory: GuestMemory
    ) throws(Errno) {
        let (range, offset) = try locate(address, bytes.count, in: memory)
        guard range.count == bytes.count else { throw Errno(EFAULT) }
        // The kernel reads the bytes during the call.
        let result = unsafe bytes.withUnsafeBytes {
            unsafe pwrite(file.number, $0.baseAddress, $0.count, offset)
        }
        guard result >= 0 else { throw Errno.current }
        guard result == bytes.count else { throw Errno(EFAULT) }
    }

    /// The part of these bytes that is guest memory, and its offset in /proc/self/mem.
    private func locate(
        _ address: UInt64, _ count: Int, in memory: GuestMemory
    ) throws(Errno) -> (range: GuestRange, offset: off_t) {
        let (offset, isBelow) = address.subtractingReportingOverflow(memory.start.value)
        guard count >= 0, !isBelow, offset <= memory.count else { throw Errno(EFAULT) }
        let available = Int(clamping: min(UInt64(count), memory.count - offset))
        do throws(GuestFault) {
            let range = try memory.tenderRange(at: address, count: available)
            // Only the number of the address is used, and only within the checked range.
            return (range, off_t(Int(bitPattern: unsafe memory.pointer(to: range))))
        } catch {
            throw Errno(EFAULT)
        }
    }
}
