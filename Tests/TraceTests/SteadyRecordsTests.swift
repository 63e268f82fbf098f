#if Trace
    import Linux
    import Testing

    @testable import Trace

    /// Reading a trace while its records are overwritten.
    @Suite struct SteadyRecordsTests {
        /// Full: the first record's number is 9 of 8 slots.
        private static func sample() -> TraceBuilder {
            var builder = TraceBuilder(recordsPerCPU: 8)
            for sequence in 1...8 {
                builder.add(1, sequence: UInt64(sequence), at: 1000 + UInt64(sequence))
            }
            return builder
        }

        /// Reads `bytes`, which `change` has changed before the `turn`th time that records are read.
        private func read(
            _ bytes: [UInt8], turn: Int = 0, _ change: (inout [UInt8]) -> Void = { _ in }
        ) throws -> [UInt8] {
            var bytes = bytes
            var count = -1
            return try SteadyRecords.read(count: bytes.count) { (offset, room) throws(Errno) in
                count += 1
                if count == turn { change(&bytes) }
                return Array(bytes.dropFirst(offset).prefix(room))
            }
        }

        @Test("What does not change is read as it is")
        func steady() throws {
            let bytes = Self.sample().bytes
            #expect(try read(bytes) == bytes)
            for count in [0, 1, 95, 4095, 4096, 4097, 4191, 4200] {
                #expect(try read(Array(bytes.prefix(count))) == Array(bytes.prefix(count)))
            }
            #expect(try read([1, 2, 3]) == [1, 2, 3])
        }

        @Test("More than is read at once")
        func large() throws {
            var builder = TraceBuilder(recordsPerCPU: 20_000)
            for sequence in [0, 8191, 8192, 19_999] { builder.add(1, sequence: UInt64(sequence)) }
            let bytes = builder.bytes
            #expect(try read(bytes) == bytes)
        }

        /// By number, whether the record is written before its numbers are read, between them and the
        /// copy, or between that and its numbers once more.
        @Test("A record that is overwritten meanwhile is left out", arguments: [1, 2, 3])
        func overwritten(turn: Int) throws {
            let builder = Self.sample()
            let place = builder.header.recordsOffset + 3 * RecordLayout.size
            // Number 3 becomes number 11, with another time.
            let bytes = try read(builder.bytes, turn: turn) { bytes in
                bytes.put(12 as UInt64, at: place + RecordLayout.sequence)
                bytes.put(5555 as UInt64, at: place + RecordLayout.start)
            }
            let recording = try Recording(bytes)
            #expect(recording.damaged == 0)
            let whole = recording.records.filter { $0.sequence != 11 || $0.start == 5555 }
            #expect(whole.count == recording.count)
            #expect(recording.count == (turn == 1 ? 8 : 7))
            #expect(!recording.records.contains { $0.sequence == 3 })
        }

        @Test("A record that is being written is left out", arguments: [1, 2, 3])
        func beingWritten(turn: Int) throws {
            let builder = Self.sample()
            let place = builder.header.recordsOffset + 3 * RecordLayout.size
            let bytes = try read(builder.bytes, turn: turn) { bytes in
                bytes.put(0 as UInt64, at: place + RecordLayout.sequence)
                bytes.put(5555 as UInt64, at: place + RecordLayout.start)
            }
            let recording = try Recording(bytes)
            #expect(recording.count == 7 && recording.damaged == 0)
            #expect(!recording.records.contains { $0.start == 5555 })
        }

        @Test("A file that becomes shorter", arguments: [1, 2, 3])
        func shorter(turn: Int) throws {
            let builder = Self.sample()
            let bytes = try read(builder.bytes, turn: turn) { bytes in
                bytes.removeLast(3 * RecordLayout.size - 10)
            }
            let recording = try Recording(bytes)
            // Of the sixth, the number is still there; before, all of it was.
            #expect(recording.count == (turn == 3 ? 6 : 5) && recording.damaged == 0)
        }
    }
#endif
