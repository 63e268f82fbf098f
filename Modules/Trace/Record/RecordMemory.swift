import Linux
import Synchronization
import Tender

/// Where records are written: a file's memory or the tender's own. Whatever lies beyond its end is
/// dropped.
@safe final class RecordMemory {
    private let mapping: MemoryMapping

    init(_ mapping: consuming MemoryMapping) {
        self.mapping = mapping
    }

    /// In bytes.
    var count: Int { mapping.count }

    /// Has the tender go on without the file, should an access to it fail.
    func survivesLostRoom() throws(Errno) {
        // Only the number of the address is used.
        try LostRoom.handle(at: UInt(bitPattern: unsafe mapping.base), count: count)
    }

    @inline(__always)
    func store<Value: BitwiseCopyable>(_ value: Value, at offset: Int) {
        guard offset >= 0, offset <= count - MemoryLayout<Value>.size else { return }
        // The value lies in the mapping, which holds plain bytes.
        unsafe (mapping.base + offset).storeBytes(of: value, as: Value.self)
    }

    @inline(__always)
    func load(at offset: Int) -> UInt64 {
        guard offset >= 0, offset <= count - 8 else { return 0 }
        // As above.
        return unsafe (mapping.base + offset).loadUnaligned(as: UInt64.self)
    }

    /// Copies guest memory, `range.count` bytes at most.
    @inline(__always)
    func copy(_ range: GuestRange, of memory: GuestMemory, to offset: Int) {
        guard offset >= 0, range.count <= count, offset <= count - range.count else { return }
        // The room lies in the mapping.
        unsafe memory.copy(
            range,
            to: UnsafeMutableRawBufferPointer(start: mapping.base + offset, count: range.count))
    }

    func store(_ bytes: [UInt8], at offset: Int) {
        for (index, byte) in bytes.enumerated() { store(byte, at: offset + index) }
    }

    /// A copy of part of it, as far as it is there.
    func bytes(_ range: Range<Int>) -> [UInt8] {
        let range = range.clamped(to: 0..<count)
        return unsafe [UInt8](
            UnsafeRawBufferPointer(start: mapping.base + range.lowerBound, count: range.count))
    }

    /// Whoever reads the file after a crash sees what was stored before this no later than what is
    /// stored after it.
    @inline(__always)
    func order() { atomicMemoryFence(ordering: .releasing) }
}
