#if Trace
    import ABI
    import HVT
    import Hypervisor
    import Manifests

    @testable import Tender
    @testable import Trace

    /// A file as a trace, shown in every form.
    final class TraceFileTarget: InputTarget {
        static let name = "trace-file"

        init() {}

        static var seeds: [[UInt8]] {
            guard let solo5 = try? solo5(), let hermit = try? hermit() else { return [] }
            return [solo5, hermit]
        }

        private static func recorder(
            _ guests: String, _ calls: [TracedCall], records: Int
        ) throws -> (Recorder, RecordMemory) {
            let memory = RecordMemory(try .anonymous(4096 + records * RecordLayout.size))
            return (
                Recorder(CallTable(calls), guests: guests, in: memory, file: nil, counts: false),
                memory
            )
        }

        private static func solo5() throws -> [UInt8] {
            let table = CallTable(ModuleManifest.all, of: HVTKind.name)
            let calls = table.calls.map {
                TracedCall(
                    number: $0.number, name: "CALL<\($0.number)>", argumentSize: 40,
                    fields: $0.fields)
            }
            let (recorder, memory) = try recorder(HVTKind.name, calls, records: 16)
            recorder.prepare(cpuCount: 1, memory: try GuestMemory(count: 1 << 20))
            recorder.entering(cpu: 0)
            for number in 0..<Int32(24) {
                recorder.willServe(cpu: 0, number % 11, argument: GuestAddress(0x1000))
                recorder.didServe(cpu: 0, .resume)
            }
            recorder.exited(cpu: 0, .shutdown)
            return memory.bytes(0..<memory.count)
        }

        private static func hermit() throws -> [UInt8] {
            let ports = [
                UHYVE_V1_FILE_READ, UHYVE_V2_FILE_OPEN, UHYVE_V2_SERIAL_WRITE_BYTE,
                UHYVE_V3_GETDENTS, UHYVE_V3_FILE_STAT,
            ]
            let table = CallTable(ModuleManifest.all, of: UhyveManifest.guests)
            let calls = table.calls.filter { ports.contains($0.number) }
            let (recorder, memory) = try recorder("Hermit", calls, records: 18)
            recorder.prepare(cpuCount: 3, memory: try GuestMemory(count: 1 << 20))
            for (index, port) in (ports + ports).enumerated() {
                recorder.willServe(cpu: index % 3, port, argument: GuestAddress(0x1000))
                recorder.didServe(cpu: index % 3, .resume)
                recorder.exited(cpu: index % 3, .portWrite(port: 1, width: 4, value: 2))
                recorder.entering(cpu: index % 3)
            }
            recorder.ended(.stopped)
            return memory.bytes(0..<memory.count)
        }

        func run(_ input: [UInt8]) throws -> Verdict {
            guard let recording = try? Recording(input) else { return .refused }
            var records = 0
            recording.forEach { record in
                records += 1
                if record.cpu >= Int(recording.header.cpuCount) { records = -1 << 32 }
            }
            try promise(records == recording.count, "records of no vCPU, or lost on the way")
            for form in [nil, "summary", "json", "perfetto", "svg"] {
                var count = 0
                var isText = true
                let output = TextOutput { text in
                    count += text.utf8.count
                    // Nothing that a terminal takes for a command.
                    isText = isText && text.utf8.allSatisfy { $0 == 0x0A || 0x20..<0x7F ~= $0 }
                }
                TraceCommand.write(recording, form, to: output)
                output.flush()
                try promise(count > 0 && isText, "\(form ?? "lines"): not plain text")
            }
            return .accepted
        }
    }
#endif
