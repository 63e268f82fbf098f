import Hypervisor
import Linux
import Tender

/// Runs Hermit guests, which talk to uhyve. It has nothing to offer to hvt guests.
public final class UhyveModule: Module {
    public init() {}

    public func attach(to launch: inout Launch) throws(ModuleError) {}

    /// The module as the registry lists it.
    ///
    /// - Parameter makeMachine: makes the machine for a guest. The module is compiled for the
    ///   hypervisor that this is of, and knows none.
    public static func registered<Host: InterruptMachine & ~Copyable>(
        makingMachine makeMachine: @escaping () throws(HypervisorError) -> Host
    ) -> RegisteredModule {
        let kind = GuestKind(
            recognises: HermitImage.recognises,
            inspect: { (file) throws(ImageError) in
                guard try HermitContainer.isOne(file) else {
                    return try HermitImage(inspecting: file).description
                }
                let container = try HermitContainer(file)
                var description = try HermitImage(inspecting: container.kernel).description
                description.facts.insert(contentsOf: container.facts, at: 1)
                return description
            },
            check: { (request) throws(TenderError) in
                let plan = try HermitPlan(request)
                let attachment = try HermitAttachment(plan, isRehearsal: true)
                defer { attachment.files.removeTemporaryDirectory(warn: request.warn) }
                let machine = try wrapping(TenderError.hypervisor, makeMachine)
                _ = try HermitGuest(plan, attachment, in: machine)
            },
            run: { (request) throws(TenderError) in
                let plan = try HermitPlan(request)
                // From here on signals let us clean up.
                let ending = try Ending()
                Signals.divert(to: ending.event.number)
                Emergency.leaveEndToThisThread(signalledBy: ending.event.number)
                let attachment = try HermitAttachment(
                    plan, isRehearsal: request.lock.isRehearsal)
                defer { attachment.files.removeTemporaryDirectory(warn: request.warn) }
                let machine = try wrapping(TenderError.hypervisor, makeMachine)
                let guest = try HermitGuest(plan, attachment, in: machine)
                return try guest.run(
                    ending, request.lock, request.observation, warn: request.warn)
            })
        return RegisteredModule(UhyveModule.self, guestKind: kind)
    }
}
