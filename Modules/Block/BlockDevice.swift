import ABI
import CLinux
import Linux
import Tender

/// A file or block device of the host that backs a disk of the guest.
final class BlockDevice {
    private let file: FileDescriptor
    /// The lock on a block device (flock(2) on its file in /sys); nil for a regular file.
    private let lock: FileDescriptor?
    /// The size at the guest's start, in bytes.
    let capacity: UInt64
    let isWritable: Bool
    /// The logical sector size of the host's device, in bytes: a smaller write would not be atomic.
    /// 1 for a regular file.
    let hostSectorSize: UInt64

    init(
        _ file: consuming FileDescriptor, capacity: UInt64, isWritable: Bool,
        hostSectorSize: UInt64, lock: consuming FileDescriptor?
    ) {
        self.file = file
        lockDescriptor = lock?.number
        self.lock = lock
        self.hostSectorSize = hostSectorSize
        self.capacity = capacity
        self.isWritable = isWritable
    }

    var descriptor: Int32 { file.number }
    /// The descriptor of `lock`, if there is one, which stays open as long as the device.
    let lockDescriptor: Int32?

    /// The position in the file of a request; nil if not all of it lies on the disk.
    @inline(__always)
    func position(offset: UInt64, count: UInt64) -> Int? {
        guard offset < capacity, count <= capacity - offset else { return nil }
        return Int(exactly: offset)
    }

    /// Writes `range` to the disk at `position`.
    ///
    /// - Returns: HVT_RESULT_OK, or HVT_RESULT_UNSPECIFIED if the host could not write all of it.
    @inline(__always)
    func write(_ range: GuestRange, of memory: GuestMemory, at position: Int) -> Int32 {
        transfer(range, at: position) { range, position throws(Errno) in
            try memory.write(range, to: file.number, at: position)
        }
    }

    /// Reads from the disk at `position` into `range`.
    ///
    /// - Returns: HVT_RESULT_OK, or HVT_RESULT_UNSPECIFIED if the host could not read all of it.
    @inline(__always)
    func read(into range: GuestRange, of memory: GuestMemory, at position: Int) -> Int32 {
        transfer(range, at: position) { range, position throws(Errno) in
            try memory.read(into: range, from: file.number, at: position)
        }
    }

    /// Repeats `once` until all bytes are moved. Linux moves less than 2 GiB at a time, and 0 bytes
    /// at the end of a file that was truncated since.
    @inline(__always)
    private func transfer(
        _ range: GuestRange, at position: Int, _ once: (GuestRange, Int) throws(Errno) -> Int
    ) -> Int32 {
        var rest = range
        var position = position
        while rest.count > 0 {
            guard let count = try? once(rest, position), count > 0 else {
                return HVT_RESULT_UNSPECIFIED
            }
            rest = rest.dropFirst(count)
            // Stays below the capacity, as `position(offset:count:)` checked.
            position += count
        }
        return HVT_RESULT_OK
    }
}
