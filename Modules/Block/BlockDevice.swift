import ABI
import CLinux
import Linux
import Tender

/// A file or block device of the host that is a disk of the guest's.
final class BlockDevice {
    private let file: FileDescriptor
    /// Keeps others from a block device; nil for a regular file.
    private let lock: FileDescriptor?
    /// In bytes; what it was when the guest started.
    let capacity: UInt64
    let isWritable: Bool
    /// What the host's device can address, in bytes: a smaller write would not be atomic. 1 for a
    /// regular file.
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
    /// Stays open with it, if there is one.
    let lockDescriptor: Int32?

    /// Where the bytes that a guest asks for begin, if all of them lie on the disk.
    @inline(__always)
    func position(offset: UInt64, count: UInt64) -> Int? {
        guard offset < capacity, count <= capacity - offset else { return nil }
        return Int(exactly: offset)
    }

    /// Stores what `range` holds at `position`.
    ///
    /// - Returns: HVT_RESULT_OK, or HVT_RESULT_UNSPECIFIED if the host could not store all of it.
    @inline(__always)
    func write(_ range: GuestRange, of memory: GuestMemory, at position: Int) -> Int32 {
        transfer(range, at: position) { range, position throws(Errno) in
            try memory.write(range, to: file.number, at: position)
        }
    }

    /// Fills `range` with what lies at `position`.
    ///
    /// - Returns: HVT_RESULT_OK, or HVT_RESULT_UNSPECIFIED if the host could not read all of it.
    @inline(__always)
    func read(into range: GuestRange, of memory: GuestMemory, at position: Int) -> Int32 {
        transfer(range, at: position) { range, position throws(Errno) in
            try memory.read(into: range, from: file.number, at: position)
        }
    }

    /// Repeats `once` for as long as it moves a part only: it stops short of 2 GiB, and where a
    /// file ends that has become shorter than it was.
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
