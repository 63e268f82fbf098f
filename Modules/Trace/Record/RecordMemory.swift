import Linux
import Synchronization
import Tender

/// The memory that records are written to: a mapped file, or anonymous memory. Stores past its end
/// are dropped.
@safe final class RecordMemory {
    private let mapping: MemoryMapping

    init(_ mapping: consuming MemoryMapping) {
        self.mapping = mapping
    }

    /// The size in bytes.
    var count: Int { mapping.count }

    /// Installs a SIGBUS handler, so that the tender goes on without the file if an access to it
    /// fails.
    func survivesLostRoom() throws(Errno) {
        // Only the address is used, not the memory.
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

    /// Copies guest memory; nothing if the range does not fit.
    @inline(__always)
    func copy(_ range: GuestRange, of memory: GuestMemory, to offset: Int) {
        guard offset >= 0, range.count <= count, offset <= count - range.count else { return }
        // The destination lies in the mapping.
        unsafe memory.copy(
            range,
            to: UnsafeMutableRawBufferPointer(start: mapping.base + offset, count: range.count))
    }

    func store(_ bytes: [UInt8], at offset: Int) {
        for (index, byte) in bytes.enumerated() { store(byte, at: offset + index) }
    }

    /// A copy of the bytes in a range, clamped to the memory.
    func bytes(_ range: Range<Int>) -> [UInt8] {
        let range = range.clamped(to: 0..<count)
        return unsafe [UInt8](
            UnsafeRawBufferPointer(start: mapping.base + range.lowerBound, count: range.count))
    }

    /// A release fence: a reader of the file, also after a crash, sees the stores before it no
    /// later than those after it.
    @inline(__always)
    func order() { atomicMemoryFence(ordering: .releasing) }
}
