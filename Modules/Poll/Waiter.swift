import CLinux
import Linux
import Tender

/// Waits on all pollable devices at once.
final class Waiter {
    private let pollSet: PollSet
    private let interruptionPoint: InterruptionPoint
    /// What the kernel is asked, a request a device; made at the first wait, when all modules have
    /// attached, and reused from then on.
    private var requests: [pollfd] = []

    init(_ pollSet: PollSet, _ interruptionPoint: InterruptionPoint) {
        self.pollSet = pollSet
        self.interruptionPoint = interruptionPoint
    }

    /// Waits for a device to become readable, or for `timeout` nanoseconds.
    ///
    /// - Returns: a bit for each device that can be read, at the place of its handle. A device that
    ///   can only fail is not among them, and is not asked again.
    func wait(upTo timeout: UInt64) -> UInt64 {
        if pollSet.members.isEmpty {
            sleep(timeout)
            return 0
        }
        if requests.isEmpty {
            requests = pollSet.members.map {
                pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
            }
        }
        var remaining = timeout
        var deadline: Deadline?
        while true {
            if remaining > 0, deadline == nil { deadline = Deadline(after: timeout) }
            switch interruptionPoint.wait.poll(&requests, upTo: remaining) {
            case .ready:
                let ready = collect()
                if ready != 0 { return ready }
            case .timeout:
                return 0
            case .interrupted:
                if interruptionPoint.isEnd() { return 0 }
            case .failed:
                // Nobody can wait on the devices, but time passes all the same.
                sleep(remaining)
                return 0
            }
            // A signal, or a device that has failed: wait on for what is left of the time.
            remaining = deadline?.remaining ?? 0
        }
    }

    private func sleep(_ timeout: UInt64) {
        var remaining = timeout
        while remaining > 0, let left = interruptionPoint.wait.sleep(nanoseconds: remaining),
            !interruptionPoint.isEnd()
        {
            remaining = left
        }
    }

    private func collect() -> UInt64 {
        var ready: UInt64 = 0
        for index in requests.indices {
            let answer = Int32(requests[index].revents)
            if answer & POLLIN != 0, answer & POLLHUP == 0 || !hasEnded(requests[index].fd) {
                ready |= 1 << UInt64(pollSet.members[index].handle)
            } else if answer != 0 {
                // Only an error or the end, which would end every wait at once. The kernel skips -1.
                requests[index].fd = -1
            }
        }
        return ready
    }
}
