import Tender

/// The buffers that a chain of descriptors stands for, all of them checked.
struct BufferChain: ~Copyable {
    /// What the driver knows the chain by.
    private(set) var head: UInt16 = 0
    private var buffers: [GuestRange] = []
    /// In bytes, of all buffers.
    private(set) var count = 0

    init() {
        // As many as a queue can hold, so that adding them never allocates.
        buffers.reserveCapacity(Int(QueueSetup.largestSize))
    }

    mutating func start(head: UInt16) {
        self.head = head
        buffers.removeAll(keepingCapacity: true)
        count = 0
    }

    mutating func append(_ buffer: GuestRange) {
        buffers.append(buffer)
        // No more than the queue's largest size times the size of memory.
        count += buffer.count
    }

    /// Copies all of it, which must fit, to the start of `target`.
    borrowing func copy(
        from memory: GuestMemory, to target: GuestMemory
    ) throws(GuestFault) {
        var position = target.start
        for buffer in buffers {
            try memory.copy(buffer, to: position, in: target)
            position = GuestAddress(position.value &+ UInt64(buffer.count))
        }
    }

    /// Fills it, as far as that goes, with the first `count` bytes of `source`.
    borrowing func fill(
        from source: GuestMemory, count: Int, in memory: GuestMemory
    ) throws(GuestFault) {
        var rest = try source.range(at: source.start, count: UInt64(count), for: .read)
        for buffer in buffers where rest.count > 0 {
            let part = rest.prefix(buffer.count)
            try source.copy(part, to: buffer.start, in: memory)
            rest = rest.dropFirst(part.count)
        }
    }
}

extension GuestMemory {
    /// Copies `source`, a range of this memory, to `target` in another one.
    ///
    /// Each byte is fetched once.
    fileprivate func copy(
        _ source: GuestRange, to target: GuestAddress, in other: GuestMemory
    ) throws(GuestFault) {
        // Both ends were checked to be in memory, so adding up to their size can't wrap around.
        var done = 0
        func move<Value: BitwiseCopyable>(_ type: Value.Type) throws(GuestFault) {
            let offset = UInt64(done)
            let value = try load(type, at: GuestAddress(source.start.value &+ offset))
            try other.store(value, at: GuestAddress(target.value &+ offset))
            done += MemoryLayout<Value>.size
        }
        while source.count - done >= 64 { try move(SIMD64<UInt8>.self) }
        while source.count - done >= 8 { try move(UInt64.self) }
        while source.count - done > 0 { try move(UInt8.self) }
    }
}
