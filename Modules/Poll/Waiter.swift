import CLinux
import Linux
import Tender

/// Waits on all pollable devices with ppoll(2).
final class Waiter {
    private let pollSet: PollSet
    private let interruptionPoint: InterruptionPoint
    /// The ppoll requests, one for each device; made at the first wait, after all modules have
    /// attached, and reused.
    private var requests: [pollfd] = []

    init(_ pollSet: PollSet, _ interruptionPoint: InterruptionPoint) {
        self.pollSet = pollSet
        self.interruptionPoint = interruptionPoint
    }

    /// Waits until a device is readable, or for `timeout` nanoseconds.
    ///
    /// - Returns: a bitmap of the readable devices, by handle. A device with nothing but an error
    ///   or end of file is not in it, and not polled again.
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
        // They wait for nothing; the others are asked as well.
        let reserve = pollSet.reserve
        let timeout = reserve == 0 ? timeout : 0
        var remaining = timeout
        var deadline: Deadline?
        while true {
            if remaining > 0, deadline == nil { deadline = Deadline(after: timeout) }
            switch interruptionPoint.wait.poll(&requests, upTo: remaining) {
            case .ready:
                let ready = collect() | reserve
                if ready != 0 { return ready }
            case .timeout:
                return reserve
            case .interrupted:
                if interruptionPoint.isEnd() { return 0 }
                if reserve != 0 { return reserve }
            case .failed:
                if reserve != 0 { return reserve }
                // The devices can't be polled; the timeout still applies.
                sleep(remaining)
                return 0
            }
            // A signal, or a device that has failed: wait for the rest of the time.
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
                // Only an error or end of file, which would end every wait at once. The kernel
                // skips descriptor -1.
                requests[index].fd = -1
                pollSet.hasEnded(at: index)
            }
        }
        return ready
    }
}
