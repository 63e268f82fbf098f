#if Trace
    import Bytes
    import Manifests
    import Tender
    import Testing

    @testable import Trace

    /// Files that are no traces, or not wholly.
    @Suite struct ReaderTests {
        private static func sample() -> TraceBuilder {
            var builder = TraceBuilder(cpuCount: 2, recordsPerCPU: 8)
            for index in 0..<6 {
                builder.add(
                    1, TraceBuilder.words(5 as UInt64), cpu: index % 2,
                    sequence: UInt64(index / 2), at: 1000 + UInt64(index) * 10, host: 5, guest: 5)
            }
            return builder
        }

        @Test("Records of all vCPUs are in the order of time")
        func order() throws {
            let recording = try Self.sample().recording()
            #expect(recording.records.map { $0.cpu } == [0, 1, 0, 1, 0, 1])
            #expect(recording.records.map { $0.start } == (0..<6).map { 1000 + $0 * 10 })
            #expect(recording.lost == 0 && recording.damaged == 0)
            #expect(recording.start == 1000 && recording.duration == 55)
        }

        @Test("Truncated files are read as far as they go")
        func truncated() throws {
            let bytes = Self.sample().bytes
            var counts: Set<Int> = []
            for count in stride(from: bytes.count, through: 4096, by: -7) {
                let recording = try Recording(Array(bytes[..<count]))
                counts.insert(recording.count)
                #expect(!recording.shown().isEmpty)
            }
            #expect(counts.count > 3 && counts.contains(6) && counts.contains(0))
        }

        private static let empty = InputError("the trace is empty: its guest was never started")
        private static let damaged = InputError("the trace's header is damaged")

        @Test("Without a whole header there is none")
        func shortHeaders() {
            let bytes = Self.sample().bytes
            #expect(throws: Self.empty) { try Recording([]) }
            #expect(throws: Self.empty) { try Recording([UInt8](repeating: 0, count: 8192)) }
            #expect(throws: InputError("not a trace")) { try Recording(Array(bytes[..<11])) }
            #expect(throws: Self.damaged) { try Recording(Array(bytes[..<4095])) }
            #expect(throws: InputError("not a trace")) { try Recording(Array(bytes[1...])) }
        }

        /// Where the fields of the first call are.
        private static let firstField =
            HeaderLayout.calls + TraceBuilder.hvtCalls.count * HeaderLayout.callSize

        @Test("Calls and their fields are read as they were written")
        func calls() throws {
            let calls = TraceBuilder.hvtCalls.dropLast()
            #expect(try Self.sample().recording().header.calls.dropLast() == calls)
            #expect(calls.contains { !$0.fields.isEmpty })
            let hermit = CallTable(ModuleManifest.all, of: UhyveManifest.guests).calls
            let builder = TraceBuilder(guests: UhyveManifest.guests, calls: hermit)
            #expect(try builder.recording().header.calls == hermit)
        }

        @Test(
            "Headers that contradict themselves",
            arguments: [
                (HeaderLayout.recordSize, 95), (HeaderLayout.cpuCount, 0),
                (HeaderLayout.cpuCount, .max), (HeaderLayout.recordsPerCPU, 0),
                (HeaderLayout.recordsOffset, 0), (HeaderLayout.recordsOffset + 4, 1),
                (HeaderLayout.end, 4), (HeaderLayout.clock, 2), (HeaderLayout.callCount, .max),
                (HeaderLayout.callCount, 1024), (HeaderLayout.fieldCount, .max),
                (HeaderLayout.fieldCount, 0),
                (HeaderLayout.calls + HeaderLayout.callFieldCount, 99),
                (firstField + HeaderLayout.fieldMeaning, 16),
                (firstField + HeaderLayout.fieldMeaning, 3 << 8 | 7),
                // The length of the buffer of PUTS.
                (firstField + HeaderLayout.fieldSize + HeaderLayout.fieldDetail, 2),
            ] as [(Int, UInt32)])
        func damagedHeaders(offset: Int, value: UInt32) {
            var bytes = Self.sample().bytes
            bytes.put(value, at: offset)
            #expect(throws: Self.damaged) { try Recording(bytes) }
        }

        @Test("Another version is named")
        func version() {
            var bytes = Self.sample().bytes
            bytes.put(1 as UInt32, at: HeaderLayout.version)
            #expect(throws: InputError("a trace of version 1, and this pinnace reads version 2")) {
                try Recording(bytes)
            }
        }

        @Test(
            "Records that make no sense are counted, and the others shown",
            arguments: [
                (RecordLayout.sequence, 2), (RecordLayout.kind, 14), (RecordLayout.result, 4),
                (RecordLayout.argumentCount, 49),
            ] as [(Int, UInt8)])
        func damagedRecords(field: Int, value: UInt8) throws {
            let builder = Self.sample()
            var bytes = builder.bytes
            bytes[builder.header.recordsOffset + field] = value
            let recording = try Recording(bytes)
            #expect(recording.count == 5 && recording.damaged == 1)
            #expect(recording.shown().hasPrefix("# "))
        }

        @Test("Sequences up to the last number there is")
        func sequences() throws {
            var builder = TraceBuilder(recordsPerCPU: 8)
            builder.add(1, sequence: .max - 1)
            #expect(try builder.recording().lost == .max - 1)
        }

        @Test(
            "Times and sizes as great as can be",
            arguments: [nil, "summary", "json", "perfetto", "svg"])
        func extremes(form: String?) throws {
            var builder = TraceBuilder(recordsPerCPU: 64)
            builder.header.endMonotonic = .max
            let ones = [UInt8](repeating: 0xFF, count: 48)
            for (index, kind) in RecordKind.allCases.enumerated() {
                builder.add(
                    .max, ones, sequence: UInt64(index), at: .max, host: .max, guest: .max,
                    kind: kind, width: .max, address: .max)
                builder.add(
                    Int32(index % 10), ones, sequence: UInt64(index + 20), at: 0, host: .max,
                    guest: .max, kind: kind)
            }
            let recording = try builder.recording()
            #expect(recording.count == 28)
            #expect(!recording.shown(form).isEmpty)
        }
    }
#endif
