import CLinux
import Linux
import Tender

/// Keeps what a failed guest leaves, as an ELF core file.
public final class DumpcoreModule: Module {
    public init() {}

    public func observe(_ observation: inout Observation) throws(ModuleError) {
        // The last one counts.
        guard let option = observation.options(named: Self.option).last else { return }
        do throws(Errno) {
            let dumper = try CoreDumper(
                directory: option.value, program: observation.program,
                dumpsFaults: !observation.standsIn)
            observation.bindings.bind(Self.directory, to: dumper.directory.number)
            observation.bindings.bind(Self.file, to: dumper.file.number)
            observation.bindings.bind(Self.spare, to: dumper.spare.number)
            observation.places.append(
                Confinement.Place(descriptor: dumper.directory.number, access: .creation))
            // As large as the guest's memory, whose size is not known yet.
            observation.largestFile = .max
            observation.add(dumper)
            // After the debugger's, which may hold a vCPU as it goes on from a call.
            observation.add(tracer: dumper)
        } catch {
            throw ModuleError(
                "Cannot write core files to \(option.value): \(error)", option: option)
        }
    }
}
