import Hypervisor
import Manifests
import Tender

/// Runs Hermit guests, which use uhyve's hypercalls. Serves no hypercalls of hvt guests.
public final class UhyveModule: Module {
    public static var manifest: ModuleManifest { UhyveManifest.manifest }

    public init() {}

    public func attach(to launch: inout Launch) throws(ModuleError) {}

    /// The module as the registry lists it.
    ///
    /// - Parameter makeMachine: makes the machine for a guest; the module is generic over the
    ///   hypervisor.
    public static func registered<Host: InterruptMachine & ~Copyable>(
        makingMachine makeMachine: @escaping () throws(HypervisorError) -> Host
    ) -> RegisteredModule {
        RegisteredModule(UhyveModule.self, guestKind: HermitKind.running(in: makeMachine))
    }
}
