import Linux
import Synchronization
import Tender

/// A split virtqueue from the device's side (virtio 2.7).
///
/// The queue is in guest memory, and the guest may change it at any time. So each field is fetched
/// once and checked before use, and state that the device relies on, such as its position, is kept
/// here.
struct SplitQueue {
    /// A power of two.
    private let size: UInt16
    private let descriptors: GuestAddress
    private let available: GuestAddress
    private let used: GuestAddress
    /// The number of chains taken and returned so far, modulo 2^16.
    private var taken: UInt16 = 0
    /// The driver's available index when last read.
    private var offered: UInt16 = 0

    /// An entry of the descriptor table (virtio 2.7.5).
    private struct Descriptor: BitwiseCopyable {
        let address: UInt64
        let count: UInt32
        let flags: UInt16
        let next: UInt16

        static let size: UInt64 = 16
        static let hasNext: UInt16 = 1
        static let isWritable: UInt16 = 2
        static let isIndirect: UInt16 = 4
    }

    /// An entry of the used ring (virtio 2.7.8).
    private struct UsedElement: BitwiseCopyable {
        let head: UInt32
        let count: UInt32

        static let size: UInt64 = 8
    }

    // Both rings: flags, index, entries.
    private static let indexOffset: UInt64 = 2
    private static let entriesOffset: UInt64 = 4
    private static let availableEntrySize: UInt64 = 2
    private static let noInterrupt: UInt16 = 1

    /// Checks that the queue's three areas are in memory and aligned.
    init(_ setup: QueueSetup, _ memory: GuestMemory) throws(VirtioFault) {
        guard setup.size > 0, setup.size <= QueueSetup.largestSize,
            setup.size & (setup.size - 1) == 0, setup.descriptors % 16 == 0,
            setup.available % 2 == 0, setup.used % 4 == 0
        else { throw .layout }
        size = setup.size
        descriptors = GuestAddress(setup.descriptors)
        available = GuestAddress(setup.available)
        used = GuestAddress(setup.used)
        for part in parts {
            try wrapping(VirtioFault.memory) { () throws(GuestFault) in
                _ = try memory.range(at: part.start, count: part.count, for: .read)
                _ = try memory.range(at: part.start, count: part.count, for: .write)
            }
        }
    }

    /// The descriptor table, available ring and used ring.
    var parts: [(start: GuestAddress, count: UInt64)] {
        let size = UInt64(size)
        return [
            (descriptors, size * Descriptor.size),
            (available, Self.entriesOffset + size * Self.availableEntrySize),
            (used, Self.entriesOffset + size * UsedElement.size),
        ]
    }

    /// Whether the driver has made a chain available that was not taken.
    mutating func hasChain(in memory: GuestMemory) throws(VirtioFault) -> Bool {
        if offered != taken { return true }
        // Acquire: the chain is read after the index.
        let index = try wrapping(VirtioFault.memory) { () throws(GuestFault) in
            try memory.loadAcquiring(at: GuestAddress(available.value &+ Self.indexOffset))
        }
        guard index &- taken <= size else { throw .availableIndex }
        offered = index
        return offered != taken
    }

    /// Reads the buffers of the next chain into `chain`. It stays the next one until it is given
    /// back. There must be one.
    func readChain(
        into chain: inout BufferChain, for access: GuestMemory.Access, _ memory: GuestMemory
    ) throws(VirtioFault) {
        let slot = UInt64(taken & (size - 1))
        let head = try load(
            UInt16.self, available, Self.entriesOffset + slot * Self.availableEntrySize, memory)
        chain.start(head: head)
        var next = head
        for _ in 0..<size {
            guard next < size else { throw .descriptorIndex }
            let descriptor = try load(
                Descriptor.self, descriptors, UInt64(next) * Descriptor.size, memory)
            let flags = descriptor.flags
            guard flags & Descriptor.isIndirect == 0 else { throw .indirectDescriptor }
            guard (flags & Descriptor.isWritable != 0) == (access == .write) else {
                throw .direction
            }
            guard descriptor.count > 0 else { throw .length }
            try wrapping(VirtioFault.memory) { () throws(GuestFault) in
                let address = GuestAddress(descriptor.address)
                let count = UInt64(descriptor.count)
                chain.append(try memory.range(at: address, count: count, for: access))
            }
            if flags & Descriptor.hasNext == 0 { return }
            next = descriptor.next
        }
        throw .endlessChain
    }

    /// Returns the chain that was read to the driver (used ring), with `count` bytes filled in.
    mutating func giveBack(
        _ chain: borrowing BufferChain, count: Int, _ memory: GuestMemory
    ) throws(VirtioFault) {
        let slot = UInt64(taken & (size - 1))
        let element = UsedElement(
            head: UInt32(chain.head), count: UInt32(truncatingIfNeeded: count))
        try store(element, used, Self.entriesOffset + slot * UsedElement.size, memory)
        taken &+= 1
        // Release: the driver sees the element before the index.
        let index = taken
        try wrapping(VirtioFault.memory) { () throws(GuestFault) in
            try memory.storeReleasing(
                index, at: GuestAddress(used.value &+ Self.indexOffset))
        }
    }

    /// Whether the driver wants an interrupt for used buffers (no VIRTQ_AVAIL_F_NO_INTERRUPT).
    func wantsInterrupt(_ memory: GuestMemory) throws(VirtioFault) -> Bool {
        // The driver stores the flag, then loads the used index; the device stores the index, then
        // loads the flag. The fence lets at least one see the other's store (virtio 2.7.7).
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        return try load(UInt16.self, available, 0, memory) & Self.noInterrupt == 0
    }

    // `init` checked that the areas don't wrap around; memory checks each access again.

    @inline(__always)
    private func load<Value: BitwiseCopyable>(
        _ type: Value.Type, _ part: GuestAddress, _ offset: UInt64, _ memory: GuestMemory
    ) throws(VirtioFault) -> Value {
        try wrapping(VirtioFault.memory) { () throws(GuestFault) in
            try memory.load(type, at: GuestAddress(part.value &+ offset))
        }
    }

    @inline(__always)
    private func store<Value: BitwiseCopyable>(
        _ value: Value, _ part: GuestAddress, _ offset: UInt64, _ memory: GuestMemory
    ) throws(VirtioFault) {
        try wrapping(VirtioFault.memory) { () throws(GuestFault) in
            try memory.store(value, at: GuestAddress(part.value &+ offset))
        }
    }
}
