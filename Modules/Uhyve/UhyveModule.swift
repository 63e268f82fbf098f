import Hypervisor
import Manifests
import Tender

/// Runs Hermit guests, which talk to uhyve. It has nothing to offer to hvt guests.
public final class UhyveModule: Module {
    public static var manifest: ModuleManifest { UhyveManifest.manifest }

    public init() {}

    public func attach(to launch: inout Launch) throws(ModuleError) {}

    /// The module as the registry lists it.
    ///
    /// - Parameter makeMachine: makes the machine for a guest. The module is compiled for the
    ///   hypervisor that this is of, and knows none.
    public static func registered<Host: InterruptMachine & ~Copyable>(
        makingMachine makeMachine: @escaping () throws(HypervisorError) -> Host
    ) -> RegisteredModule {
        RegisteredModule(UhyveModule.self, guestKind: HermitKind.running(in: makeMachine))
    }
}
