/// What a debugger does to a vCPU that stands still.
public protocol DebuggedCPU: AnyObject {
    func state() throws(HypervisorError) -> CPUState

    /// Changes the registers, of segments only selectors and bases.
    func setState(_ state: CPUState) throws(HypervisorError)

    /// Makes `run` return `.interrupted`, from now on or no longer. A run that has begun ends only
    /// with the next signal to the thread that makes it. To be called by any thread.
    func hold(_ isHeld: Bool)
}
