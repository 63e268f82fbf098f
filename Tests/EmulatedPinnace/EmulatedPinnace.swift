import BuiltIn
import CLinux
import Commands
import EmulatedMSHV
import HVT
import Hypervisor
import Linux
import Manifests
import Programs
import Tender

/// The program with the Microsoft Hypervisor's back end only, over an emulation in the same process,
/// and so without a sandbox, which would not let it use KVM.
///
/// PINNACE_MSHV_FAULTS says what is to go wrong (see `Faults`). A guest's end is status 99 if the back end
/// did what a real hypervisor would not put up with.
@main struct EmulatedPinnace {
    static func main() {
        let faults = getenv("PINNACE_MSHV_FAULTS").map { Faults(String(cString: $0)) } ?? Faults()
        guard let faults else { return end(99, "PINNACE_MSHV_FAULTS is not understood") }
        let emulation = EmulatedMSHV(faults: faults)
        Program.explainEnds()
        let arguments = Argument.all(count: CommandLine.argc, CommandLine.unsafeArgv)
        let status = Program(
            registry: { registry(EmulatedDevice(emulation)) }, personas: [Solo5Persona()],
            lock: { _ in
                LaunchLock(closeInherited: { _, _ in }, confine: { _ in }, close: { _ in })
            }
        ).run(arguments)
        if emulation.complaints.isEmpty { exit(status) }
        end(99, emulation.complaints.joined(separator: "\n"))
    }

    private static func end(_ status: Int32, _ text: String) {
        let line = Array("the emulation: \(text)\n".utf8)
        _ = write(2, line, line.count)
        exit(status)
    }

    private static func registry(_ device: EmulatedDevice) -> Registry {
        // Without observers, which the emulation has not been tried with.
        let modules = BuiltIn.modules.filter { !$0.manifest.observes }
        let make = { () throws(HypervisorError) in try MSHV(device).makeMachine() }
        return Registry(
            modules: modules, known: KnownModule.all,
            kinds: [HVTKind.running(KnownModule.all, in: make)],
            backEnd: MSHVVCPU<EmulatedDevice>.backEnd,
            tryHypervisor: { () throws(HypervisorError) in _ = try make() })
    }
}
