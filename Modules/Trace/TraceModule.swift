import Linux
import Manifests
import Rules
import Tender

/// Records a guest's hypercalls and exits (`--trace`), counts them (`--stats`), or both.
public final class TraceModule: Module {
    public static var manifest: ModuleManifest { TraceManifest.manifest }

    public init() {}

    public static var commands: [ModuleCommand] { [TraceCommand.command] }

    /// In MiB.
    private static let sizes: ClosedRange<Int> = 1...1024
    private static let standardSize = 64

    public func observe(_ observation: inout Observation) throws(ModuleError) {
        let trace = observation.options(named: TraceManifest.trace.name).first
        let size = observation.options(named: TraceManifest.traceSize.name).first
        // For other kinds of guests, the option of this name is another module's.
        let counts =
            TraceManifest.stats.guests == observation.kind
            && !observation.options(named: TraceManifest.stats.name).isEmpty
        if let size, trace == nil {
            throw ModuleError("there is no trace to limit", option: size, hint: "add --trace=FILE")
        }
        let count = try size.map(Self.byteCount) ?? Self.standardSize << 20
        guard trace != nil || counts else { return }
        // The role only marks the launch; its value is never compared.
        observation.bindings.bindNumbers(TraceManifest.timing) { [1] }
        if observation.isRehearsal {
            if let trace {
                try TraceFile.check(trace, count: count)
                let standIn = try StandIn(for: trace)
                Self.bind(standIn.file.number, count, in: &observation.bindings)
                observation.add(standIn)
            }
            return
        }
        let calls = CallTable(observation.modules, of: observation.kind)
        let recorder: Recorder
        if let trace {
            let file = try TraceFile(trace, count: count)
            Self.bind(file.descriptorNumber, count, in: &observation.bindings)
            recorder = Recorder(
                calls, guests: observation.kind, in: file.memory,
                file: file, counts: counts, consoleLoss: observation.consoleLoss)
        } else {
            recorder = Recorder(
                calls, guests: observation.kind, in: try Self.temporaryMemory(calls), file: nil,
                counts: counts, consoleLoss: observation.consoleLoss)
        }
        observation.add(tracer: recorder)
        observation.add(recorder)
    }

    private static func bind(_ file: Int32, _ count: Int, in bindings: inout Bindings) {
        bindings.bind(TraceManifest.file, to: file)
        bindings.bindNumbers(TraceManifest.size) { [UInt64(count)] }
    }

    private static func byteCount(_ option: OptionValue) throws(ModuleError) -> Int {
        guard let size = Int(option.value), sizes ~= size else {
            throw ModuleError(
                "not a number from \(sizes.lowerBound) to \(sizes.upperBound)", option: option)
        }
        return size << 20
    }

    /// Memory for the records in the report of a fault. hvt guests have one vCPU.
    private static func temporaryMemory(_ calls: CallTable) throws(ModuleError) -> RecordMemory {
        let count =
            Header.size(calls.calls) + Recorder.lastCount * RecordLayout.size
        do throws(Errno) {
            return RecordMemory(try .anonymous(count))
        } catch {
            throw ModuleError("Could not get \(count) bytes of memory to trace with: \(error)")
        }
    }
}

/// Holds the descriptor number of the trace file in a rehearsal, which creates no file.
private final class StandIn: Observer {
    let file: FileDescriptor

    init(for option: OptionValue) throws(ModuleError) {
        do throws(Errno) {
            file = try FileDescriptor.inMemory(named: "trace")
        } catch {
            throw ModuleError("\(error)", option: option)
        }
    }
}
