import Hypervisor
import Sandbox
import Tender

/// Runs a guest that is ready to, in the sandbox.
///
/// - Returns: the exit status.
func run(
    _ plan: HVTPlan, _ attachment: Attachment, _ lock: LaunchLock
) throws(TenderError) -> Int32 {
    let guest = try makeGuest(plan, attachment)
    let confinement = guest.confinement(attachment.manifests)
    try lock.confine(confinement)
    try guest.prepareObservers()
    try lock.close(confinement)
    let halt = try guest.run()
    Stage.report()
    return halt.exitStatus & 0xFF
}

/// Makes the machine, which is open no longer than that: its vCPU is all that the guest needs.
private func makeGuest(
    _ plan: HVTPlan, _ attachment: Attachment
) throws(TenderError) -> HVTGuest<KVMVCPU> {
    let guest = try HVTGuest(plan, launch: attachment.launch, in: makeMachine())
    guest.abandon()
    attachment.abandon()
    return guest
}

func makeMachine() throws(TenderError) -> KVMMachine {
    do throws(HypervisorError) {
        return try KVM().makeMachine()
    } catch {
        throw .hypervisor(error)
    }
}

extension Sandbox {
    public var launchLock: LaunchLock {
        LaunchLock(
            closeInherited: { (request) throws(TenderError) in
                try reporting { () throws(SandboxError) in try closeInherited(but: request) }
            },
            confine: { (confinement) throws(TenderError) in
                try reporting { () throws(SandboxError) in try confine(confinement) }
            },
            close: { (confinement) throws(TenderError) in
                try reporting { () throws(SandboxError) in try close(confinement) }
            })
    }

    private func reporting(_ body: () throws(SandboxError) -> Void) throws(TenderError) {
        do throws(SandboxError) {
            try body()
        } catch {
            throw .failed(text(of: error))
        }
    }
}
