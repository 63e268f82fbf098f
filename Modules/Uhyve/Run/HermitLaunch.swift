import GuestFiles
import Hypervisor
import Linux
import Tender

/// The launch of a Hermit guest.
final class HermitLaunch: GuestLaunch {
    /// Makes the machine and loads the guest into it.
    typealias Build = (
        _ plan: HermitPlan, _ attachment: HermitAttachment, _ observation: Observation,
        _ ending: Ending, _ warn: @escaping (String) -> Void
    ) throws(TenderError) -> any BuiltGuest

    private let file: ImageFile
    private let request: LaunchRequest
    private let makeGuest: Build

    /// The guest's plan with its resources opened.
    private struct Ready {
        let plan: HermitPlan
        let attachment: HermitAttachment
        let ending: Ending
    }

    private var observation = Observation()
    private var ready: Ready?

    init(_ file: ImageFile, _ request: LaunchRequest, _ build: @escaping Build) {
        self.file = file
        self.request = request
        makeGuest = build
    }

    func attach(_ objections: inout Objections) throws(TenderError) {
        // A rehearsal closes nothing: its caller may still need inherited descriptors.
        if !request.isRehearsal { try request.lock.closeInherited(file, request.options) }
        let observation = try objections.attempt { () throws(TenderError) in
            try wrapping(TenderError.module) { () throws(ModuleError) in
                try request.observation(of: file, kind: HermitKind.name)
            }
        }
        if let observation { self.observation = observation }
        ready = try objections.attempt { () throws(TenderError) in
            var plan = try HermitPlan(file, request)
            // From here on signals end the launch with cleaning up.
            let ending = try Ending.awaited()
            Signals.divert(to: ending.eventNumber)
            Emergency.leaveEndToThisThread(signalledBy: ending.eventNumber)
            let attachment = try HermitAttachment(
                plan, self.observation, isRehearsal: request.isRehearsal)
            plan.arguments.arguments.insert(contentsOf: attachment.networkArguments, at: 0)
            request.options.closeDescriptorsNamedByPath()
            return Ready(plan: plan, attachment: attachment, ending: ending)
        }
    }

    func build() throws(TenderError) -> any BuiltGuest {
        guard let ready else { throw .failed("the guest was not planned") }
        return try makeGuest(ready.plan, ready.attachment, observation, ready.ending, request.warn)
    }

    func cleanUp() {
        guard let ready else { return }
        // The cause may be a lack of memory.
        Heap.releaseRation()
        ready.attachment.files.removeTemporaryDirectory(warn: request.warn)
        // After a rehearsal the process continues, with its previous signal handling.
        if request.isRehearsal { Signals.restore() }
    }
}
