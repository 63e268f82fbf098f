#if Trace
    import HVT
    import Manifests
    import Tender
    import TestSupport

    @testable import Trace

    /// Makes traces by hand, of any kind.
    struct TraceBuilder {
        static let hvtCalls =
            CallTable(ModuleManifest.all, of: HVTKind.name).calls + [
                TracedCall(number: 9, name: "<&\"\\\u{1}", argumentSize: 3)
            ]

        var header: Header
        private var records: [Int: [UInt8]] = [:]

        init(
            guests: String = "Solo5", cpuCount: UInt32 = 1, recordsPerCPU: UInt32 = 64,
            calls: [TracedCall] = hvtCalls
        ) {
            header = Header(
                cpuCount: cpuCount, recordsPerCPU: recordsPerCPU, startMonotonic: 1000,
                startRealTime: 1_700_000_000_000_000_000, guests: guests, calls: calls)
        }

        /// - Parameter number: of a hypercall or a port.
        mutating func add(
            _ number: Int32, _ argument: [UInt8] = [], cpu: Int = 0, sequence: UInt64 = 0,
            at start: UInt64 = 1000, host: UInt64 = 0, guest: UInt64 = 0,
            kind: RecordKind = .hypercall, result: RecordResult = .resume, width: UInt8 = 0,
            address: UInt64 = 0x1000
        ) {
            var bytes = [UInt8](repeating: 0, count: RecordLayout.size)
            bytes.put(sequence + 1, at: RecordLayout.sequence)
            bytes.put(start, at: RecordLayout.start)
            bytes.put(host, at: RecordLayout.hostTime)
            bytes.put(guest, at: RecordLayout.guestTime)
            bytes.put(UInt32(bitPattern: number), at: RecordLayout.number)
            bytes[RecordLayout.kind] = kind.rawValue
            bytes[RecordLayout.result] = result.rawValue
            bytes[RecordLayout.argumentCount] = UInt8(argument.count)
            bytes[RecordLayout.width] = width
            bytes.put(address, at: RecordLayout.address)
            bytes.put(argument, at: RecordLayout.argument)
            let perCPU = UInt64(header.recordsPerCPU)
            records[cpu * Int(perCPU) + Int(sequence % perCPU)] = bytes
        }

        var bytes: [UInt8] {
            let count = Int(header.cpuCount) * Int(header.recordsPerCPU)
            var bytes = header.bytes
            bytes += [UInt8](repeating: 0, count: count * RecordLayout.size)
            for (slot, record) in records {
                bytes.put(record, at: header.recordsOffset + slot * RecordLayout.size)
            }
            return bytes
        }

        func recording() throws -> Recording { try Recording(bytes) }

        /// A struct of words of 8 or 4 bytes.
        static func words(_ words: any FixedWidthInteger...) -> [UInt8] {
            words.flatMap { bytes($0) }
        }

        private static func bytes(_ word: some FixedWidthInteger) -> [UInt8] {
            (0..<word.bitWidth / 8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
        }
    }

    extension Recording {
        /// What `pinnace trace` prints.
        func shown(_ form: String? = nil) -> String {
            var text = ""
            let output = TextOutput { text += $0 }
            TraceCommand.write(self, form, to: output)
            output.flush()
            return text
        }

        var records: [Record] {
            var records: [Record] = []
            forEach { records.append($0) }
            return records
        }
    }
#endif
