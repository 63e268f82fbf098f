import CLinux
import Linux
import Synchronization

// immediate_exit: runs that do not enter the guest, and runs that other threads end.
extension KVMVCPU {
    /// Completes the last exit's I/O without entering the guest (KVM_RUN with immediate_exit):
    /// after an OUT or a load that the processor executed, KVM advances the program counter only with
    /// the next run.
    func runNothing() throws(HypervisorError) {
        page.endsAtOnce = true
        defer {
            page.endsAtOnce = early != nil
            // Another thread may request an exit at any time: either it sees this store, or this
            // load sees its request.
            if isExitRequested.load(ordering: .sequentiallyConsistent) { page.endsAtOnce = true }
        }
        guard linux_ioctl_value(descriptor.number, LINUX_KVM_RUN, 0) != 0 else {
            // The completion was an exit itself: the end of a single step over an OUT.
            early = page.exit
            return
        }
        let errno = Errno.current
        guard errno.code == EINTR else {
            throw .failed(operation: "read the registers", errno)
        }
    }

    /// The exit of a run that returned EINTR: the one while registers were read, if any.
    @inline(never)
    func earlyExit() -> Exit {
        guard let exit = early else {
            forgetRequest()
            return .interrupted
        }
        early = nil
        page.endsAtOnce = false
        if isExitRequested.load(ordering: .sequentiallyConsistent) { page.endsAtOnce = true }
        return exit
    }

    public func requestExit() {
        isExitRequested.store(true, ordering: .sequentiallyConsistent)
        page.endsAtOnce = true
    }

    /// Clears the request when a run has returned for it, before its caller looks for the reason: a
    /// later request ends the next run.
    private func forgetRequest() {
        isExitRequested.store(false, ordering: .sequentiallyConsistent)
        page.endsAtOnce = false
    }
}
