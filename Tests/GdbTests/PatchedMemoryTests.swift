#if Gdb
    import Architecture
    import CLinux
    import Hypervisor
    import Linux
    import Testing

    @testable import Gdb
    @testable import Tender

    @Suite struct PatchedMemoryTests {
        /// 4 MiB, of which the first two are mapped from virtual address 1 GiB on; and a page of
        /// them, at 0x5000, that nobody may touch.
        private struct Guest {
            let memory: GuestMemory
            let patched: PatchedMemory
            var state = Registers()
            static let base: UInt64 = 1 << 30

            init() throws {
                memory = try GuestMemory(count: 4 << 20)
                patched = PatchedMemory(memory, try MemoryWindow())
                try memory.place(0x2003 as UInt64, at: 0x1000)
                try memory.place(0x3003 as UInt64, at: 0x2008)
                try memory.place(0x83 as UInt64, at: 0x3000)
                try memory.place([UInt8](repeating: 0x90, count: 4096), at: 0x5000)
                try memory.protect(0x5000, 0x6000, isReadable: false, isWritable: false)
                // Where hypercalls have no business either.
                memory.restrict(0, 0x4000, isReadable: false, isWritable: false)
                state.cr0 = 0x8000_0001
                state.cr3 = 0x1000
                state.efer = 0x500
            }

            func read(_ address: UInt64, _ count: Int) throws -> [UInt8] {
                try patched.read(at: address, count: count, as: state)
            }
        }

        @Test func `past all protection`() throws {
            let guest = try Guest()
            let address = Guest.base + 0x5FFE
            try guest.patched.write([1, 2, 3, 4], at: address, as: guest.state)
            #expect(try guest.read(address - 1, 6) == [0x90, 1, 2, 3, 4, 0])
        }

        @Test func `breakpoints are not seen`() throws {
            let guest = try Guest()
            let address = Guest.base + 0x5010
            try guest.patched.plant(at: address, as: guest.state)
            try guest.patched.plant(at: address, as: guest.state)
            #expect(guest.patched.hasBreakpoint(at: address))
            let window = try MemoryWindow()
            #expect(try window.read(at: 0x5010, count: 1, of: guest.memory) == [0xCC])
            #expect(try guest.read(address - 1, 3) == [0x90, 0x90, 0x90])

            // What is written under one comes up when it goes.
            try guest.patched.write([7, 8, 9], at: address - 1, as: guest.state)
            #expect(try window.read(at: 0x500F, count: 3, of: guest.memory) == [7, 0xCC, 9])
            #expect(try guest.read(address - 1, 3) == [7, 8, 9])
            try guest.patched.unplant(at: address)
            #expect(try window.read(at: 0x500F, count: 3, of: guest.memory) == [7, 8, 9])
            try guest.patched.unplant(at: address)
            #expect(!guest.patched.hasBreakpoints)
        }

        @Test func `code that the guest has put over a breakpoint stays`() throws {
            let guest = try Guest()
            let window = try MemoryWindow()
            try guest.patched.plant(at: Guest.base + 0x5000, as: guest.state)
            try window.write([0x55], at: 0x5000, of: guest.memory)
            guest.patched.unplantAll()
            #expect(try window.read(at: 0x5000, count: 1, of: guest.memory) == [0x55])
        }

        @Test func `what is not there`() throws {
            let guest = try Guest()
            let end = Guest.base + (2 << 20)
            #expect(throws: Errno(EFAULT)) { try guest.read(0x5000, 1) }
            #expect(throws: Errno(EFAULT)) { try guest.read(end, 1) }
            #expect(throws: Errno(EFAULT)) { try guest.read(.max, 4) }
            #expect(throws: Errno(EFAULT)) { try guest.patched.plant(at: end, as: guest.state) }
            #expect(try guest.read(end - 2, 100).count == 2)
            #expect(throws: Errno(EFAULT)) {
                try guest.patched.write([1, 2, 3], at: end - 2, as: guest.state)
            }
        }

        @Test func `tables that lead astray`() throws {
            var guest = try Guest()
            for root: UInt64 in [0x3F_F000, 0x40_0000, 0x7_FFFF_F000, .max] {
                guest.state.cr3 = root
                #expect(throws: Errno(EFAULT)) { try guest.read(Guest.base, 1) }
            }
            guest.state.cr3 = 0x1000
            // A page beyond memory, and a table there.
            for entry: UInt64 in [0xF_FFFF_FFFF_F083, 0xF_FFFF_FFFF_F003, 0x40_0083] {
                try guest.memory.place(entry, at: 0x3000)
                #expect(throws: Errno(EFAULT)) { try guest.read(Guest.base, 1) }
                #expect(throws: Errno(EFAULT)) {
                    try guest.patched.write([1], at: Guest.base, as: guest.state)
                }
            }
        }

        @Test func `no paging`() throws {
            var guest = try Guest()
            guest.state.cr0 = 1
            #expect(try guest.read(0x5000, 2) == [0x90, 0x90])
            #expect(try guest.read((4 << 20) - 1, 2).count == 1)
            #expect(throws: Errno(EFAULT)) { try guest.read(4 << 20, 1) }
        }

        @Test func `no more breakpoints than can be looked for`() throws {
            let guest = try Guest()
            for index in 0..<UInt64(PatchedMemory.mostBreakpoints) {
                try guest.patched.plant(at: Guest.base + 0x6000 + index, as: guest.state)
            }
            #expect(throws: Errno(ENOSPC)) {
                try guest.patched.plant(at: Guest.base, as: guest.state)
            }
            guest.patched.unplantAll()
            #expect(!guest.patched.hasBreakpoints)
        }
    }

    @Suite struct WatchTests {
        private func pieces(
            _ kind: Request.Breakpoint.Kind, _ address: UInt64, _ length: UInt64
        ) -> [DebugStops.Watch]? {
            var watches = Watches()
            let isInserted = watches.insert(.init(kind: kind, address: address, length: length))
            return isInserted ? watches.pieces : nil
        }

        @Test func `as processors have them`() {
            #expect(pieces(.hardware, 0x1001, 1) == [.init(.execution, address: 0x1001, length: 1)])
            #expect(pieces(.write, 0x1000, 8) == [.init(.write, address: 0x1000, length: 8)])
            #expect(pieces(.read, 0x1004, 4) == [.init(.access, address: 0x1004, length: 4)])
            #expect(
                pieces(.access, 0x1007, 4) == [
                    .init(.access, address: 0x1007, length: 1),
                    .init(.access, address: 0x1008, length: 2),
                    .init(.access, address: 0x100A, length: 1),
                ])
            #expect(pieces(.write, 0x1000, 32)?.count == 4)
        }

        @Test func `too much to watch`() {
            for (address, length) in [(0x1000, 0), (0x1000, 33), (0x1001, 32), (0, .max)]
                as [(UInt64, UInt64)]
            {
                #expect(pieces(.write, address, length) == nil)
            }
            var watches = Watches()
            for index in 0..<4 {
                let isInserted = watches.insert(
                    .init(kind: .hardware, address: UInt64(index), length: 1))
                #expect(isInserted)
            }
            let fifth = Request.Breakpoint(kind: .write, address: 64, length: 1)
            let isInserted = watches.insert(fifth)
            #expect(!isInserted)
            #expect(watches.breakpoint(ofPiece: 3)?.address == 3)
            #expect(watches.breakpoint(ofPiece: 4) == nil)
            watches.remove(.init(kind: .hardware, address: 1, length: 1))
            let isInsertedNow = watches.insert(fifth)
            #expect(isInsertedNow)
        }
    }
#endif
