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

    /// Copies as much of it as fits to the start of `target`.
    borrowing func copy(from memory: GuestMemory, to target: inout [UInt8]) {
        unsafe target.withUnsafeMutableBytes { bytes in
            var rest = unsafe bytes[...]
            for buffer in buffers where unsafe !rest.isEmpty {
                // The slice lies in the array, which lives as long as this.
                unsafe memory.copy(buffer, to: UnsafeMutableRawBufferPointer(rebasing: rest))
                unsafe rest = rest.dropFirst(buffer.count)
            }
        }
    }

    /// Fills it, as far as that goes, with `source`.
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
