#if Uhyve
    import ABI
    import CLinux
    import Linux
    import TestSupport
    import Testing

    @testable import GuestFiles
    @testable import Tender
    @testable import Uhyve

    /// The calls of version 1 about files, arguments and environment.
    @Suite struct Version1Tests {
        private let guest: CallGuest

        init() throws {
            guest = try CallGuest(arguments: ["one", "two words"], environment: ["A=1", "B="])
        }

        private func open(_ path: String, _ flags: Int32 = 0) throws -> Int32 {
            try guest.place(path)
            return try guest.call(
                .fileOpen1,
                with: uhyve_file_open(
                    name: CallGuest.buffer.value, flags: flags, mode: 0o644, ret: -99)
            ).ret
        }

        private func read(_ fd: Int32, _ buffer: UInt64, _ count: UInt64) throws -> Int64 {
            try guest.call(
                .fileRead1, with: uhyve_v1_file_read(fd: fd, buf: buffer, len: count, ret: -99)
            ).ret
        }

        private func write(_ fd: Int32, _ buffer: UInt64, _ count: UInt64) throws {
            _ = try guest.call(
                .fileWrite1, with: uhyve_v1_file_write(fd: fd, buf: buffer, len: count))
        }

        private let buffer = CallGuest.virtual(CallGuest.buffer)

        @Test func aFilesLife() throws {
            #expect(try open("/root/new", 0o102) == 3)
            try guest.place("0123456789")
            try write(3, buffer, 10)
            let seek = try guest.call(
                .fileLseek1, with: uhyve_v1_file_lseek(fd: 3, offset: -4, whence: SEEK_END))
            #expect(seek.offset == 6 && seek.fd == 3 && seek.whence == SEEK_END)
            #expect(try read(3, buffer + 1, 100) == 4)
            #expect(try guest.text(6) == "067895")
            #expect(try read(3, buffer, 100) == 0)
            #expect(try guest.call(.fileClose1, with: uhyve_file_close(fd: 3, ret: -99)).ret == 0)
            #expect(
                try guest.call(.fileClose1, with: uhyve_file_close(fd: 3, ret: -99)).ret == -EBADF)
            try guest.place("/root/new")
            let unlink = uhyve_file_unlink(name: CallGuest.buffer.value, ret: -99)
            #expect(try guest.call(.fileUnlink1, with: unlink).ret == 0)
            #expect(try guest.call(.fileUnlink1, with: unlink).ret == -ENOENT)
        }

        @Test func descriptorsOfTheConsole() throws {
            try guest.place("text")
            for fd: Int32 in [0, 1, 2, 3] { try write(fd, buffer, 4) }
            #expect(try guest.output() == "texttext")
            for fd: Int32 in [0, 1, 2] {
                #expect(
                    try guest.call(.fileClose1, with: uhyve_file_close(fd: fd, ret: -9)).ret == 0)
            }
            #expect(try read(1, buffer, 4) == Int64(-EBADF))
        }

        @Test func seekingFails() throws {
            for (fd, offset, whence) in [(1, 0, 0), (9, 0, 0), (3, -1, SEEK_SET), (3, 0, 77)]
                as [(Int32, Int64, Int32)]
            {
                _ = try open("/root/file")
                let seek = try guest.call(
                    .fileLseek1, with: uhyve_v1_file_lseek(fd: fd, offset: offset, whence: whence))
                #expect(seek.offset == -1)
            }
        }

        @Test("attack 02: Hermit: buffers outside memory, version 1") func badBuffers() throws {
            #expect(try open("/root/file") == 3)
            // Beyond what is mapped, and what can't be.
            for address: UInt64 in [0x20_0000, CallGuest.start, 1 << 47, .max] {
                #expect(try read(3, address, 4) == Int64(-EFAULT))
                try write(1, address, 4)
            }
            #expect(try read(3, buffer, .max) == Int64(-EINVAL))
            try write(1, buffer, 1 << 63)
            #expect(try guest.output() == "")
            #expect(try read(3, .max, 0) == 0)
            #expect(try read(9, .max, 0) == Int64(-EBADF))
        }

        @Test func buffersThatEndAreFilledAsFarAsTheyGo() throws {
            #expect(try open("/root/file") == 3)
            #expect(try read(3, 0x20_0000 - 2, 1000) == 2)
            #expect(try read(3, 0x20_0000 - 2, UInt64(Int64.max)) == 2)
            #expect(try read(3, buffer, UInt64(Int64.max)) == 2)
        }

        @Test func scatteredBuffers() throws {
            // Small pages in reverse order, at 4 MiB.
            let table = CallGuest.start + 0x5000
            try guest.memory.place(table | 3, at: CallGuest.start + 0x3000 + 16)
            for index: UInt64 in 0..<4 {
                try guest.memory.place(
                    CallGuest.start + 0x9_0000 - index << 12 | 3, at: table + index * 8)
            }
            let content = (0..<0x4800).map { UInt8(truncatingIfNeeded: $0 / 37) }
            try guest.sandbox.write(
                String(decoding: content.map { $0 & 0x7F }, as: UTF8.self), to: "inside/big")
            #expect(try open("/root/big") == 3)
            #expect(try read(3, 0x40_0800, 0x4800) == 0x3800)
            for index in [0, 0x7FF, 0x800, 0x1800, 0x37FF] {
                let virtual = UInt64(0x800 + index)
                let page = CallGuest.start + 0x9_0000 - virtual & ~0xFFF
                let address = GuestAddress(page + virtual % 4096)
                #expect(try guest.memory.load(UInt8.self, at: address) == content[index] & 0x7F)
            }
            #expect(try open("/root/copy", 0o102) == 4)
            try write(4, 0x40_0800, 0x3800)
            #expect(try guest.calls.files.attributes(of: 4).size == 0x3800)
        }

        // MARK: Arguments and environment

        private func sizes(_ guest: CallGuest) throws -> (arguments: [Int32], variables: [Int32]) {
            _ = try guest.call(.cmdsize1, CallGuest.block.value)
            func words(_ countOffset: UInt64, _ offset: UInt64) throws -> [Int32] {
                func word(_ offset: UInt64) throws -> Int32 {
                    try guest.memory.load(
                        Int32.self, at: GuestAddress(CallGuest.block.value + offset))
                }
                return try (0..<UInt64(try word(countOffset))).map { try word(offset + $0 * 4) }
            }
            return (try words(0, 4), try words(516, 520))
        }

        @Test func sizesFit() throws {
            let sizes = try sizes(guest)
            #expect(sizes.arguments == [5, 4, 10])
            #expect(sizes.variables == [4, 3] + [Int32](repeating: 1, count: 14))
        }

        @Test func valuesFollow() throws {
            let (arguments, variables) = (CallGuest.start + 0x3_0000, CallGuest.start + 0x4_0000)
            for index: UInt64 in 0..<16 {
                try guest.memory.place(arguments + 0x1000 + index * 64, at: arguments + index * 8)
                try guest.memory.place(variables + 0x1000 + index * 64, at: variables + index * 8)
            }
            try guest.memory.place([UInt8](repeating: 0xEE, count: 4096), at: variables + 0x1000)
            try guest.memory.store(
                uhyve_v1_cmdval(argv: arguments, envp: variables), at: CallGuest.block)
            #expect(try guest.call(.cmdval1, CallGuest.block.value) == nil)
            func text(_ vector: UInt64, _ index: UInt64, _ count: Int) throws -> String {
                try guest.text(count, at: GuestAddress(vector + 0x1000 + index * 64))
            }
            #expect(try text(arguments, 0, 5) == "path\0")
            #expect(try text(arguments, 1, 4) == "one\0")
            #expect(try text(arguments, 2, 10) == "two words\0")
            #expect(try text(variables, 0, 4) == "A=1\0")
            #expect(try text(variables, 1, 3) == "B=\0")
            // Empty, and nothing beyond.
            let last = try guest.memory.load(
                UInt16.self, at: GuestAddress(variables + 0x1000 + 15 * 64))
            #expect(last == 0xEE00)
        }

        @Test func atMost128OfEach() throws {
            let many = (0..<200).map { "V\($0)=" }
            let guest = try CallGuest(arguments: many, environment: many)
            let sizes = try sizes(guest)
            #expect(sizes.arguments.count == 128 && sizes.variables.count == 128)
            #expect(sizes.variables.last == 6)
            // Behind the parameters.
            let next = GuestAddress(CallGuest.block.value + 1032)
            #expect(try guest.memory.load(UInt64.self, at: next) == 0)
        }

        @Test func valuesThatLeadNowhere() throws {
            let vector = CallGuest.start + 0x3_0000
            for index: UInt64 in 0..<16 {
                try guest.memory.place(vector + 0x1000, at: vector + index * 8)
            }
            for (arguments, variables) in [
                (0, vector), (vector, 0), (.max, vector), (.max - 7, vector),
                (CallGuest.end - 8, vector), (vector, CallGuest.end),
            ] as [(UInt64, UInt64)] {
                try guest.memory.store(
                    uhyve_v1_cmdval(argv: arguments, envp: variables), at: CallGuest.block)
                #expect(guest.failure(.cmdval1, CallGuest.block.value)?.contains("Cmdval") == true)
            }
            // A target that does not hold the text.
            try guest.memory.place(CallGuest.end - 3, at: vector + 8)
            try guest.memory.store(
                uhyve_v1_cmdval(argv: vector, envp: vector), at: CallGuest.block)
            #expect(guest.failure(.cmdval1, CallGuest.block.value) != nil)
        }
    }
#endif
