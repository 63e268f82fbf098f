#if Uhyve
    import ABI
    import Linux
    import Testing

    @testable import Tender
    @testable import Uhyve

    @Suite struct ChangingParameterTests {
        /// Another processor moves the buffer back and forth between memory that may be written and
        /// memory that may not, and changes its size and the descriptor. What counts was fetched once.
        @Test("attack 04: Hermit: parameters that change while they are used")
        func changes() throws {
            let guest = try CallGuest()
            let file = try guest.open("/root/file")
            let protected = CallGuest.start + 0x8_0000
            let memory = guest.memory
            let marks = [UInt8](repeating: 0xA5, count: 0x1000)
            try memory.place(marks, at: protected)
            memory.restrict(protected, protected + 0x1000, isReadable: true, isWritable: false)

            let companion = try Companion {
                for (count, buffer, number) in [
                    (16, CallGuest.buffer.value, file), (0x2000, protected - 0x800, file),
                    (.max, CallGuest.end - 8, -1), (64, protected, .max),
                ] as [(UInt64, UInt64, Int32)] {
                    try? memory.store(count, at: CallGuest.block, offset: 0)
                    try? memory.store(buffer, at: CallGuest.block, offset: 16)
                    try? memory.store(number, at: CallGuest.block, offset: 24)
                }
            }
            for _ in 0..<20_000 {
                try guest.call(.fileRead2, CallGuest.block.value)
                try guest.call(.fileLseek2, CallGuest.block.value)
            }
            companion.join()

            #expect(try bytes(memory, protected, marks.count) == marks)
        }
    }
#endif
