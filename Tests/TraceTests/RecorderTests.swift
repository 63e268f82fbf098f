#if Trace
    import ABI
    import Hypervisor
    import Linux
    import Testing

    @testable import Tender
    @testable import Trace

    /// What vCPUs do becomes records, with a recorder that has no guest.
    @Suite struct RecorderTests {
        private static let argument = GuestAddress(0x1004)

        private let guest: GuestMemory
        private let memory: RecordMemory
        private let recorder: Recorder

        init() throws {
            guest = try GuestMemory(count: 1 << 20)
            memory = RecordMemory(try .anonymous(4096 + 12 * RecordLayout.size))
            recorder = Recorder(
                CallTable(TraceBuilder.hvtCalls), guests: "Solo5", in: memory, file: nil,
                counts: false)
        }

        private func recording() throws -> Recording {
            try Recording(memory.bytes(0..<memory.count))
        }

        private func call(_ number: Int32, cpu: Int = 0, _ result: TracedResult = .resume) {
            recorder.willServe(cpu: cpu, number, argument: Self.argument)
            recorder.didServe(cpu: cpu, result)
        }

        @Test("A call's argument is as it was afterwards, and as it was before while it lasts")
        func argument() throws {
            recorder.prepare(cpuCount: 1, memory: guest)
            recorder.entering(cpu: 0)
            let before = hvt_puts(data: 0x2000, len: 5)
            try guest.store(before, at: Self.argument)
            recorder.willServe(cpu: 0, HVT_HYPERCALL_PUTS, argument: Self.argument)
            var record = try #require(try recording().records.first)
            #expect(record.result == .unfinished)
            #expect(record.argument == TraceBuilder.words(0x2000 as UInt64, 5 as UInt64))
            #expect(record.kind == .hypercall && record.number == HVT_HYPERCALL_PUTS)
            #expect(record.address == Self.argument.value)

            try guest.store(hvt_puts(data: 0x3000, len: 6), at: Self.argument)
            recorder.didServe(cpu: 0, .resume)
            record = try #require(try recording().records.first)
            #expect(record.result == .resume)
            #expect(record.argument == TraceBuilder.words(0x3000 as UInt64, 6 as UInt64))
        }

        @Test("Times follow each other without gap or overlap")
        func times() throws {
            recorder.prepare(cpuCount: 1, memory: guest)
            recorder.entering(cpu: 0)
            for _ in 0..<5 { call(HVT_HYPERCALL_WALLTIME) }
            let records = try recording().records
            #expect(records.count == 5)
            for (earlier, later) in zip(records, records.dropFirst()) {
                #expect(later.start == earlier.end + later.guestTime)
            }
        }

        @Test("What a guest can't have as an argument is none")
        func arguments() throws {
            recorder.prepare(cpuCount: 1, memory: guest)
            for address: UInt64 in [(1 << 20) - 15, 1 << 20, .max] {
                recorder.willServe(cpu: 0, HVT_HYPERCALL_PUTS, argument: GuestAddress(address))
                recorder.didServe(cpu: 0, .fault)
            }
            call(77)
            let records = try recording().records
            #expect(records.map { $0.argument } == [[], [], [], []])
            #expect(records.map { $0.result } == [.fault, .fault, .fault, .resume])
            #expect(records.last?.number == 77)
        }

        @Test("The oldest records go")
        func overflow() throws {
            recorder.prepare(cpuCount: 1, memory: guest)
            for index in 0..<31 {
                try guest.store(hvt_walltime(nsecs: UInt64(index)), at: Self.argument)
                call(HVT_HYPERCALL_WALLTIME)
            }
            let recording = try recording()
            #expect(recording.header.recordsPerCPU == 12)
            #expect(recording.lost == 19 && recording.damaged == 0)
            #expect(recording.records.map { $0.sequence } == Array(19..<31))
            #expect(recording.records.map { $0.argument.first } == (19..<31).map { UInt8($0) })
        }

        @Test("Each vCPU has room of its own")
        func severalCPUs() throws {
            recorder.prepare(cpuCount: 3, memory: guest)
            for cpu in [0, 1, 2, 2, 2, 2, 2, 1] { call(HVT_HYPERCALL_WALLTIME, cpu: cpu) }
            let recording = try recording()
            #expect(recording.header.cpuCount == 3 && recording.header.recordsPerCPU == 4)
            #expect(recording.records.map { $0.cpu } == [0, 1, 2, 2, 2, 2, 1])
            #expect(recording.lost == 1)
        }

        @Test("Other exits, until the vCPU runs on")
        func exits() throws {
            recorder.prepare(cpuCount: 1, memory: guest)
            recorder.entering(cpu: 0)
            let exits: [Exit] = [
                .portWrite(port: 0xCF8, width: 4, value: 7), .portRead(port: 0xCFC, width: 2),
                .mmioWrite(address: 1 << 40, width: 8, value: .max),
                .mmioRead(address: 1 << 40, width: 1), .halt,
            ]
            for exit in exits {
                recorder.exited(cpu: 0, exit)
                recorder.entering(cpu: 0)
            }
            recorder.exited(cpu: 0, .shutdown)
            let records = try recording().records
            #expect(
                records.map { $0.kind } == [
                    .portWrite, .portRead, .mmioWrite, .mmioRead, .halt, .shutdown,
                ])
            #expect(records.map { $0.number } == [0xCF8, 0xCFC, 0, 0, 0, 0])
            #expect(records.map { $0.width } == [4, 2, 8, 1, 0, 0])
            #expect(records[2].argument == [UInt8](repeating: 0xFF, count: 8))
            #expect(records[2].address == 1 << 40)
            #expect(records.dropLast().allSatisfy { $0.result == .resume })
            #expect(records.last?.result == .unfinished)
        }

        @Test(
            "How it ended is told",
            arguments: [
                (GuestEnd.halt(Halt(exitStatus: 7, cookie: GuestAddress(0))), Header.End.halt),
                (.stopped, .stopped),
            ])
        func end(end: GuestEnd, told: Header.End) throws {
            recorder.prepare(cpuCount: 1, memory: guest)
            #expect(try recording().header.end == .running)
            recorder.ended(end)
            let header = try recording().header
            #expect(header.end == told)
            #expect(header.exitStatus == (told == .halt ? 7 : 0))
            #expect(header.endMonotonic >= header.startMonotonic)
        }

        @Test("A table of calls is as wide as a trace's header")
        func header() throws {
            recorder.prepare(cpuCount: 1, memory: guest)
            let header = try recording().header
            #expect(header.calls.dropLast() == TraceBuilder.hvtCalls.dropLast())
            // Nothing of a name can move a terminal's cursor.
            #expect(header.calls.last?.name == "<&\"\\?")
        }

        @Test("Memory that ends early is not left")
        func bounds() throws {
            let memory = RecordMemory(try .anonymous(100))
            for offset in [-1, 93, 100, .max, .min] { memory.store(UInt64.max, at: offset) }
            #expect(memory.bytes(0..<200) == [UInt8](repeating: 0, count: 100))
            #expect(memory.load(at: 93) == 0)
            memory.copy(
                try guest.range(at: GuestAddress(0), count: 101, for: .read), of: guest, to: 0)
            memory.store(UInt64.max, at: 92)
            #expect(memory.load(at: 92) == .max)
        }
    }
#endif
