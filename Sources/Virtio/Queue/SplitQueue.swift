import Synchronization
import Tender

/// A split virtqueue from the device's side (virtio 2.7).
///
/// All of it lies in the guest's memory, and the guest may change any of it at any time. So each
/// field is fetched once, used only after it was checked, and all that the device must be able to
/// rely on, such as how far it has come, is kept here.
struct SplitQueue {
    /// A power of two.
    private let size: UInt16
    private let descriptors: GuestAddress
    private let available: GuestAddress
    private let used: GuestAddress
    /// How many chains were taken so far and, what is the same, given back.
    private var taken: UInt16 = 0
    /// How many the driver had made available when last looked at.
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

    /// Checks that the queue's three parts are in memory, each aligned as it must be.
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
            try asDriver { () throws(GuestFault) in
                _ = try memory.range(at: part.start, count: part.count, for: .read)
                _ = try memory.range(at: part.start, count: part.count, for: .write)
            }
        }
    }

    /// Where the queue is.
    var parts: [(start: GuestAddress, count: UInt64)] {
        let size = UInt64(size)
        return [
            (descriptors, size * Descriptor.size),
            (available, Self.entriesOffset + size * Self.availableEntrySize),
            (used, Self.entriesOffset + size * UsedElement.size),
        ]
    }

    /// Whether the driver has made a chain available that was not taken yet.
    mutating func hasChain(in memory: GuestMemory) throws(VirtioFault) -> Bool {
        if offered != taken { return true }
        // What the driver wrote before the index is read after it.
        let index = try asDriver { () throws(GuestFault) in
            try memory.loadAcquiring(at: GuestAddress(available.value &+ Self.indexOffset))
        }
        guard index &- taken <= size else { throw .availableIndex }
        offered = index
        return offered != taken
    }

    /// Puts the buffers of the next chain into `chain`. It remains the next one until it is given
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
            try asDriver { () throws(GuestFault) in
                let address = GuestAddress(descriptor.address)
                let count = UInt64(descriptor.count)
                chain.append(try memory.range(at: address, count: count, for: access))
            }
            if flags & Descriptor.hasNext == 0 { return }
            next = descriptor.next
        }
        throw .endlessChain
    }

    /// Gives the chain that was read back to the driver, `count` bytes of it filled in.
    mutating func giveBack(
        _ chain: borrowing BufferChain, count: Int, _ memory: GuestMemory
    ) throws(VirtioFault) {
        let slot = UInt64(taken & (size - 1))
        let element = UsedElement(
            head: UInt32(chain.head), count: UInt32(truncatingIfNeeded: count))
        try store(element, used, Self.entriesOffset + slot * UsedElement.size, memory)
        taken &+= 1
        // The driver sees the index after what it stands for.
        let index = taken
        try asDriver { () throws(GuestFault) in
            try memory.storeReleasing(
                index, at: GuestAddress(used.value &+ Self.indexOffset))
        }
    }

    /// Whether the driver wants to be interrupted for what was given back.
    func wantsInterrupt(_ memory: GuestMemory) throws(VirtioFault) -> Bool {
        // The driver changes its mind, then looks at the index; the index was stored, and only
        // now do we look at what it wants: one of the two sees the other (virtio 2.7.7).
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        return try load(UInt16.self, available, 0, memory) & Self.noInterrupt == 0
    }

    // `init` checked that the parts don't wrap around, and memory checks each access once more.

    @inline(__always)
    private func load<Value: BitwiseCopyable>(
        _ type: Value.Type, _ part: GuestAddress, _ offset: UInt64, _ memory: GuestMemory
    ) throws(VirtioFault) -> Value {
        try asDriver { () throws(GuestFault) in
            try memory.load(type, at: GuestAddress(part.value &+ offset))
        }
    }

    @inline(__always)
    private func store<Value: BitwiseCopyable>(
        _ value: Value, _ part: GuestAddress, _ offset: UInt64, _ memory: GuestMemory
    ) throws(VirtioFault) {
        try asDriver { () throws(GuestFault) in
            try memory.store(value, at: GuestAddress(part.value &+ offset))
        }
    }
}
