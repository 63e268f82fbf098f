import ABI
import CLinux
import Linux
import Manifests
import Rules
import Tender

/// Waiting: serves POLL, with a timeout and, if the guest has network devices, for a frame.
public final class PollModule: Module {
    public static var manifest: ModuleManifest { PollManifest.manifest }

    public init() {}

    public func attach(to launch: inout Launch) throws(ModuleError) {
        // PR_SET_TIMERSLACK: 1 ns instead of the default 50 µs, by which a wait could end late.
        _ = linux_set_timer_slack(1)
        let pollSet = launch.pollSet
        launch.bindings.bindNumbers(PollManifest.deviceCount) {
            pollSet.members.isEmpty ? [] : [UInt64(pollSet.members.count)]
        }
        launch.bindings.bindDescriptors(PollManifest.socket) {
            pollSet.members.filter { $0.isSocket }.map { UInt64(UInt32(bitPattern: $0.descriptor)) }
        }
        let interruptionPoint = launch.interruptionPoint
        let waiter = Waiter(pollSet, interruptionPoint)
        try launch.serve(HVT_HYPERCALL_POLL) { (argument, memory) throws(GuestFault) in
            let call = try memory.loadArgument(hvt_poll.self, at: argument)
            let ready = waiter.wait(upTo: call.timeout_nsecs)
            if let outcome = interruptionPoint.outcome { return outcome }
            let count = Int32(ready.nonzeroBitCount)
            try memory.store(ready, at: argument, offset: HVT_POLL_READY_SET_OFFSET)
            try memory.store(count, at: argument, offset: HVT_POLL_RESULT_OFFSET)
            return .resume
        }
    }
}
