import ABI
import Linux
import Network
import Tender

/// The frames that the vCPU's thread has left with a tap with offloads, which may take them together
/// with those that follow.
///
/// They go as soon as the guest asks for a frame and there is none, or for anything else; and if it
/// asks for nothing, a little later. They keep their order.
///
/// All of this is for the vCPU's thread.
final class FrameQueue {
    let deferral: Deferral
    private let kept: Kept

    /// The device that has them.
    private final class Kept {
        var device: NetworkBackend?

        func send() {
            device?.flush()
            device = nil
        }
    }

    /// - Parameter lock: the devices'. The deferral takes it by itself; whoever calls a method here holds it.
    /// - Throws: if a policy refuses the timer.
    init(_ lock: DeviceLock) throws(Errno) {
        let kept = Kept()
        self.kept = kept
        deferral = try Deferral(following: [HVT_HYPERCALL_NET_WRITE, HVT_HYPERCALL_NET_READ]) {
            lock.withLock { kept.send() }
        }
    }

    /// Sends the frame in `range`, now or soon.
    func send(
        _ range: GuestRange, of memory: GuestMemory, to device: NetworkBackend
    ) -> NetworkBackend.Sending {
        flush(before: device)
        let sending = device.sendOrQueue(range, of: memory)
        if sending == .queued { keep(device) }
        return sending
    }

    /// What the device has queued may stay.
    func keep(_ device: NetworkBackend) {
        flush(before: device)
        kept.device = device
        deferral.putOff()
    }

    /// Sends what another device than this has.
    func flush(before device: NetworkBackend) {
        if let other = kept.device, other !== device { flush() }
    }

    func flush() {
        kept.send()
        deferral.forget()
    }
}
