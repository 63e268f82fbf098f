import Hypervisor
import Tender

/// Runs a guest that is ready to.
///
/// - Returns: the exit status.
func run(_ plan: HVTPlan, _ attachment: Attachment) throws(TenderError) -> Int32 {
    let machine = try makeMachine()
    let guest = try HVTGuest(plan, launch: attachment.launch, in: machine)
    let halt = try withExtendedLifetime(attachment.modules) { () throws(TenderError) in
        try guest.run()
    }
    Stage.report()
    guest.abandon()
    return halt.exitStatus & 0xFF
}

func makeMachine() throws(TenderError) -> KVMMachine {
    do throws(HypervisorError) {
        return try KVM().makeMachine()
    } catch {
        throw .hypervisor(error)
    }
}
