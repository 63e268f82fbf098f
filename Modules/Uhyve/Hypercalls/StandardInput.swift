import CLinux
import Linux
import Tender

/// The tender's standard input, as a guest's vCPUs read it.
///
/// O_NONBLOCK belongs to the opening, which we share: if others set it, the guest waits all the same.
/// And a thread that waits can be interrupted, which one inside read(2) on a guest's behalf could not
/// be without a loss.
final class StandardInput: Sendable {
    private let descriptor: Int32
    /// Whether there may be nothing to read for now.
    private let canBeEmpty: Bool
    /// Held by the one that reads what is there, so that it finds it there.
    private let lock = Lock()

    init(_ descriptor: Int32 = STDIN_FILENO) {
        self.descriptor = descriptor
        let kind = try? FileStatus(of: descriptor).kind
        let flags = linux_fcntl(descriptor, F_GETFL, 0)
        canBeEmpty = (kind == .other || kind == .socket) && flags & O_ACCMODE != O_WRONLY
    }

    /// Waits until there is something to read, and reads it.
    ///
    /// - Returns: the number of bytes; 0 at the end.
    /// - Throws: EINTR if the guest is to end.
    func read(
        into range: GuestRange, of memory: GuestMemory, _ wait: InputWait
    ) throws(Errno) -> Int {
        guard canBeEmpty, range.count > 0 else {
            return try memory.read(into: range, from: descriptor)
        }
        while true {
            switch wait.wait.poll(descriptor, Int16(POLLIN), upTo: .max) {
            case .ready:
                if let count = try readAtOnce(into: range, of: memory) { return count }
            case .timeout: break
            case .interrupted: guard wait.goesOn() else { throw Errno(EINTR) }
            case .failed(let errno): throw errno
            }
        }
    }

    /// - Returns: nil if another thread was faster.
    private func readAtOnce(into range: GuestRange, of memory: GuestMemory) throws(Errno) -> Int? {
        try lock.withLock { () throws(Errno) in
            guard isReady else { return nil }
            do throws(Errno) {
                return try memory.read(into: range, from: descriptor)
            } catch {
                // Another process was faster.
                guard error.code == EAGAIN else { throw error }
                return nil
            }
        }
    }

    /// Whether a read returns at once, with bytes, the end or an error.
    var isReady: Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        var timeout = timespec(nanoseconds: 0)
        // ppoll reads the one request and the timeout, and fills in the answer.
        return unsafe ppoll(&request, 1, &timeout, nil) > 0
    }
}

/// How one vCPU's thread waits for input.
final class InputWait {
    let wait = InterruptibleWait()
    /// Asked when a wait was interrupted: lets observers have the guest, and says whether the guest is
    /// to go on.
    var goesOn: () -> Bool = { true }
}
