import Tender

/// The buffers of a descriptor chain, all checked.
struct BufferChain: ~Copyable {
    /// The index of the chain's first descriptor, by which the driver identifies it.
    private(set) var head: UInt16 = 0
    private var buffers: [GuestRange] = []
    /// The total size of all buffers, in bytes.
    private(set) var count = 0

    init() {
        // The capacity of a queue, so that appending never allocates.
        buffers.reserveCapacity(Int(QueueSetup.largestSize))
    }

    mutating func start(head: UInt16) {
        self.head = head
        buffers.removeAll(keepingCapacity: true)
        count = 0
    }

    mutating func append(_ buffer: GuestRange) {
        buffers.append(buffer)
        // No overflow: at most the largest queue size times the size of memory.
        count += buffer.count
    }

    /// Copies as much of the chain as fits to the start of `target`.
    borrowing func copy(from memory: GuestMemory, to target: inout [UInt8]) {
        unsafe target.withUnsafeMutableBytes { bytes in
            var rest = unsafe bytes[...]
            for buffer in buffers where unsafe !rest.isEmpty {
                // The slice is in the array, which lives as long as this call.
                unsafe memory.copy(buffer, to: UnsafeMutableRawBufferPointer(rebasing: rest))
                unsafe rest = rest.dropFirst(buffer.count)
            }
        }
    }

    /// Fills the chain with as much of `source` as fits.
    borrowing func fill(from source: ArraySlice<UInt8>, in memory: GuestMemory) {
        unsafe source.withUnsafeBytes { bytes in
            var rest = unsafe bytes[...]
            for buffer in buffers where unsafe !rest.isEmpty {
                // As above.
                unsafe memory.fill(buffer, from: UnsafeRawBufferPointer(rebasing: rest))
                unsafe rest = rest.dropFirst(buffer.count)
            }
        }
    }
}
