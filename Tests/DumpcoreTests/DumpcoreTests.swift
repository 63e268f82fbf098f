#if Dumpcore
    import ABI
    import Architecture
    import CLinux
    import Hypervisor
    import Linux
    import Tender
    import TestSupport
    import Testing

    @testable import Dumpcore

    /// What stands in a core file.
    @Suite struct CoreFileTests {
        private let memory: GuestMemory

        init() throws {
            memory = try GuestMemory(count: 0x4000)
        }

        private func word(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
            bytes[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }

        @Test func twoSegmentsAndOneNote() {
            var state = Registers()
            (state.r15, state.rip, state.gs.selector, state.rax) = (15, 0x10_0123, 0x28, 7)
            let header = CoreFile(memory, [state]).header
            #expect(header.count == 532)
            #expect(header[0..<8] == [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 255])
            // e_type, e_machine; e_phoff; e_phnum.
            #expect(header[16..<20] == [4, 0, 62, 0])
            #expect(word(header, 32) == 64 && header[56] == 2)
            // The note's place and size, and those of memory.
            #expect(word(header, 64 + 8) == 176 && word(header, 64 + 32) == 356)
            #expect(word(header, 120 + 8) == 532 && word(header, 120 + 32) == 0x4000)
            #expect(word(header, 120 + 16) == 0)
            #expect(header[176..<188] == [8, 0, 0, 0, 80, 1, 0, 0, 1, 0, 0, 0])
            #expect(header[188..<196].elementsEqual(Array("CORE".utf8) + [0, 0, 0, 0]))
            let registers = 196 + 112
            #expect(word(header, registers) == 15)
            #expect(word(header, registers + 10 * 8) == 7 && word(header, registers + 15 * 8) == 7)
            #expect(word(header, registers + 16 * 8) == 0x10_0123)
            #expect(word(header, registers + 26 * 8) == 0x28)
            // Nothing else: a process without a number.
            #expect(header[196..<registers].allSatisfy { $0 == 0 })
        }

        @Test func aNoteForEachVCPU() {
            let header = CoreFile(memory, [Registers(), Registers(), Registers()]).header
            #expect(header.count == 176 + 3 * 356)
            for thread in 0..<3 {
                #expect(header[176 + thread * 356 + 20 + 32] == UInt8(thread + 1))
            }
        }

        @Test func whatIsMappedElsewhere() throws {
            // A large page at 0 that is seen in the upper half as well.
            let entries: [(address: UInt64, value: UInt64)] = [
                (0x1800, 0x2003), (0x2000, 0x3003), (0x3000, 0x83), (0x1000, 0x3003),
            ]
            for entry in entries {
                try memory.store(entry.value, at: GuestAddress(entry.address))
            }
            var state = Registers()
            (state.cr0, state.cr3, state.efer) = (0x8000_0001, 0x1000, 0x500)
            let header = CoreFile(memory, [state]).header
            let count = Int(header[56])
            #expect(count > 2)
            // Each lies in memory.
            for segment in 2..<count {
                let offset = 64 + segment * 56
                let place = word(header, offset + 8) - UInt64(header.count)
                #expect(place + word(header, offset + 32) <= 0x4000)
                #expect(word(header, offset + 16) != word(header, offset + 24))
            }
        }

        @Test func tablesThatGoInCircles() throws {
            for index: UInt64 in 0..<512 {
                try memory.store(UInt64(0x2003), at: GuestAddress(0x1000 + index * 8))
                try memory.store(UInt64(0x2003), at: GuestAddress(0x2000 + index * 8))
            }
            var state = Registers()
            (state.cr0, state.cr3, state.efer) = (0x8000_0001, 0x1000, 0x500)
            #expect(CoreFile(memory, [state]).header[56] <= 66)
        }
    }

    @Suite struct TrapFrameTests {
        @Test func replacesWhereTheGuestWas() throws {
            let memory = try GuestMemory(count: 0x4000)
            let frame = hvt_x86_trap(
                cr2: 1, error_code: 2, rip: 3, cs: 4, rflags: 5, rsp: 6, ss: 7)
            try memory.store(frame, at: GuestAddress(0x100))
            let halt = Halt(exitStatus: 255, cookie: GuestAddress(0x100))
            var state = Registers()
            state.rax = 9
            try #require(TrapFrame(halt, memory)).apply(to: &state)
            #expect(state.rip == 3 && state.rsp == 6 && state.rflags == 5 && state.rax == 9)
            #expect(state.cs.selector == 4 && state.ss.selector == 7)
        }

        @Test("No word, or one that is not in memory", arguments: [0, 0x3FFF, UInt64.max])
        func none(cookie: UInt64) throws {
            let memory = try GuestMemory(count: 0x4000)
            let halt = Halt(exitStatus: 255, cookie: GuestAddress(cookie))
            #expect(TrapFrame(halt, memory) == nil)
        }
    }

    @Suite struct MemoryImageTests {
        @Test func onlyWhatIsNotZero() throws {
            let memory = try GuestMemory(count: 0x200000)
            for address: UInt64 in [0x1000, 0x2FFF, 0x8_0000, 0x1F_FFFF] {
                try memory.store(UInt8(1), at: GuestAddress(address))
            }
            let directory = try TemporaryDirectory()
            let path = directory.path + "/core"
            let file = try FileDescriptor.create(path)
            #expect(try memory.writePages(to: file.number, at: 100) == 4)
            let back = try FileDescriptor.open(path, O_RDONLY).read(at: 100, count: 0x200000)
            #expect(back.count == 0x200000)
            #expect(back.indices.filter { back[$0] != 0 } == [0x1000, 0x2FFF, 0x8_0000, 0x1F_FFFF])
        }

        @Test func moreThanIsWrittenAtOnce() throws {
            let memory = try GuestMemory(count: 0x200000)
            for page: UInt64 in 0..<512 {
                try memory.store(page | 1 << 32, at: GuestAddress(page * 4096 + 8))
            }
            let directory = try TemporaryDirectory()
            let path = directory.path + "/core"
            let file = try FileDescriptor.create(path)
            #expect(try memory.writePages(to: file.number, at: 0) == 512)
            let back = try FileDescriptor.open(path, O_RDONLY).read(at: 0, count: 0x200000)
            #expect((0..<512).allSatisfy { back[$0 * 4096 + 8] == UInt8($0 % 256) })
        }

        @Test func aFileThatTakesNothing() throws {
            let memory = try GuestMemory(count: 0x4000)
            try memory.store(UInt8(1), at: GuestAddress(0))
            let full = try FileDescriptor.open("/dev/full", O_WRONLY)
            #expect(throws: Errno.self) { try memory.writePages(to: full.number, at: 0) }
        }
    }

    /// A guest's whole memory, as a core file has it.
    /// One after the other: a process has one request for core files, for its signal handler.
    @Suite(.serialized) struct CoreDumperTests {
        /// A vCPU that stands still.
        private final class StillCPU: DebuggedCPU {
            func state() -> Registers { Registers() }
            func setState(_ state: Registers) {}
            func floatingPoint() -> FloatingPointState { FloatingPointState() }
            func setFloatingPoint(_ state: FloatingPointState) {}
            func setStops(_ stops: DebugStops) {}
            var debugExit: DebugExit { DebugExit(address: 0) }
        }

        @Test("All of it is there, wherever there are zeros", arguments: 0..<4)
        func everyByte(pattern: Int) throws {
            let size: UInt64 = 1 << 20
            let memory = try GuestMemory(count: size)
            for address in 0..<size {
                let isStored =
                    switch pattern {
                    case 0: true
                    // Pages in turn, the first ones or the last ones alone.
                    case 1: address >> 12 & 1 == 1
                    case 2: address < 8192
                    default: address >= size - 8
                    }
                guard isStored else { continue }
                try memory.store(UInt8(address % 255 + 1), at: GuestAddress(address))
            }
            let directory = try TemporaryDirectory()
            let dumper = try CoreDumper(
                directory: directory.path, program: "test", dumpsFaults: true, rights: FileRights())
            try dumper.prepare(
                Subject(memory: memory, vcpus: [StillCPU()], threads: GuestThreads()))
            dumper.ended(.halt(Halt(exitStatus: 255, cookie: GuestAddress(0))))
            let core = try directory.read("core.solo5-hvt.\(getpid())")
            let stored = memory.bytes(
                in: try memory.range(at: GuestAddress(0), count: size, for: .read))
            #expect(core.count > stored.count)
            #expect(core.suffix(stored.count).elementsEqual(stored))
        }
    }

    @Suite struct OptionTests {
        @Test func noOptionNoObserver() throws {
            var observation = Observation()
            try DumpcoreModule().observe(&observation)
            #expect(observation.observers.isEmpty && observation.paths.isEmpty)
        }

        @Test("A directory that files can't be made in", arguments: ["/nonexistent", "/proc"])
        func unusable(path: String) {
            var observation = Observation(options: [OptionValue(name: "dumpcore", value: path)])
            #expect {
                try DumpcoreModule().observe(&observation)
            } throws: { error in
                (error as? ModuleError)?.text.hasPrefix("Cannot write core files to \(path)")
                    ?? false
            }
        }
    }
#endif
