#if Uhyve
    import CLinux
    import Tender

    /// A split queue from the driver's side, with nothing to stop it from doing wrong.
    final class DriverQueue {
        let memory: GuestMemory
        let size: UInt16
        /// Where the three parts are; they follow each other as the legacy interface has it.
        let descriptors: UInt64
        let available: UInt64
        let used: UInt64
        private(set) var offered: UInt16 = 0
        private var seen: UInt16 = 0

        struct Buffer {
            var address: UInt64
            var count: UInt32
            var flags: UInt16 = 0
            var next: UInt16?
        }

        static let hasNext: UInt16 = 1
        static let isWritable: UInt16 = 2
        static let isIndirect: UInt16 = 4

        init(_ memory: GuestMemory, at address: UInt64, size: UInt16 = 256) {
            self.memory = memory
            self.size = size
            descriptors = address
            available = address + 16 * UInt64(size)
            used = (available + 6 + 2 * UInt64(size) + 4095) & ~4095
        }

        func setDescriptor(_ index: UInt16, _ buffer: Buffer) throws {
            let address = GuestAddress(descriptors + UInt64(index) * 16)
            try memory.store(buffer.address, at: address)
            try memory.store(buffer.count, at: address, offset: 8)
            let flags = buffer.flags | (buffer.next == nil ? 0 : Self.hasNext)
            try memory.store(flags, at: address, offset: 12)
            try memory.store(buffer.next ?? 0, at: address, offset: 14)
        }

        /// Makes the chain that starts with descriptor `head` available.
        func offer(_ head: UInt16) throws {
            let slot = UInt64(offered & (size - 1))
            try memory.store(head, at: GuestAddress(available + 4 + 2 * slot))
            offered &+= 1
            linux_fence()
            try setIndex(offered)
        }

        func setIndex(_ index: UInt16) throws {
            try memory.store(index, at: GuestAddress(available + 2))
        }

        func setFlags(_ flags: UInt16) throws {
            try memory.store(flags, at: GuestAddress(available))
            linux_fence()
        }

        /// Makes a chain of these pieces available, in descriptors from `head` on.
        func offer(_ pieces: [(UInt64, Int)], writable: Bool, head: UInt16 = 0) throws {
            for (index, piece) in pieces.enumerated() {
                let number = head + UInt16(index)
                let isLast = index == pieces.count - 1
                try setDescriptor(
                    number,
                    Buffer(
                        address: piece.0, count: UInt32(piece.1),
                        flags: writable ? Self.isWritable : 0, next: isLast ? nil : number + 1))
            }
            try offer(head)
        }

        var usedIndex: UInt16 {
            get throws {
                let index = try memory.load(UInt16.self, at: GuestAddress(used + 2))
                linux_fence()
                return index
            }
        }

        struct Used: Equatable {
            let head: UInt32
            let count: UInt32
        }

        /// The next chain that was given back, waiting for it.
        func next() throws -> Used? {
            guard try eventually({ try usedIndex != seen }) else { return nil }
            let element = GuestAddress(used + 4 + UInt64(seen & (size - 1)) * 8)
            seen &+= 1
            return Used(
                head: try memory.load(UInt32.self, at: element),
                count: try memory.load(UInt32.self, at: GuestAddress(element.value + 4)))
        }

        /// As after a reset.
        func clear() throws {
            offered = 0
            seen = 0
            for offset in stride(from: 0, to: 16384, by: 8) {
                try memory.store(UInt64(0), at: GuestAddress(descriptors + UInt64(offset)))
            }
        }
    }
#endif
