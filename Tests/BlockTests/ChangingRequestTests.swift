#if Block
    import ABI
    import Linux
    import Synchronization
    import Testing

    @testable import Tender

    @Suite struct ChangingRequestTests {
        private final class Flag: Sendable {
            let isSet = Atomic(false)
        }

        /// As a second processor would do it: between a range that is fine, and one that is neither on
        /// the disk nor in memory that may be written. What counts was fetched once.
        @Test("attack 04: a disk request that changes while it is served")
        func changes() throws {
            let scratch = try Scratch()
            let guest = try Guest(["block:disk": try scratch.file(size: 4096)])
            let memory = guest.memory
            let marks = [UInt8](repeating: 0xA5, count: 0x1000)
            try memory.place(marks, at: 0x4000)
            memory.restrict(0x4000, 0x5000, isReadable: true, isWritable: false)
            try memory.store(UInt64(1), at: Guest.argument)

            let isOver = Flag()
            let other = try Linux.Thread.start {
                while !isOver.isSet.load(ordering: .relaxed) {
                    for (offset, data, count) in [
                        (0, 0x2000, 512), (0, 0x3F00, 4096), (UInt64.max, 0xF_FF00, 1 << 40),
                    ] as [(UInt64, UInt64, UInt64)] {
                        try? memory.store(offset, at: Guest.argument, offset: 8)
                        try? memory.store(data, at: Guest.argument, offset: 16)
                        try? memory.store(count, at: Guest.argument, offset: 24)
                    }
                }
            }
            for _ in 0..<20_000 {
                _ = try? guest.launch.dispatch.serve(
                    Int(HVT_HYPERCALL_BLOCK_READ), argument: Guest.argument, memory: memory)
            }
            isOver.isSet.store(true, ordering: .relaxed)
            other.join()

            let range = try memory.tenderRange(at: 0x4000, count: marks.count)
            #expect(memory.bytes(in: range) == marks)
        }
    }
#endif
