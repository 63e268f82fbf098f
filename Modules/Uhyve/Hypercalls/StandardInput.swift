import CLinux
import Linux
import Tender

/// The tender's standard input, read by a guest's vCPUs.
///
/// Waits in ppoll(2) before each read(2). O_NONBLOCK belongs to the open file description, which
/// other processes share and may set: the guest waits all the same. And a thread in ppoll can be
/// interrupted without losing input.
final class StandardInput: Sendable {
    private let descriptor: Int32
    /// Whether a read may have to wait.
    private let canBeEmpty: Bool
    /// Held from the check for input to the read, so that no other thread takes the input between.
    private let lock = Lock()

    init(_ descriptor: Int32 = STDIN_FILENO) {
        self.descriptor = descriptor
        let kind = try? FileStatus(of: descriptor).kind
        let flags = linux_fcntl(descriptor, F_GETFL, 0)
        canBeEmpty = (kind == .other || kind == .socket) && flags & LINUX_ACCESS_MODE != O_WRONLY
    }

    /// Waits for input and reads it.
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

    /// - Returns: nil if another thread has taken the input.
    private func readAtOnce(into range: GuestRange, of memory: GuestMemory) throws(Errno) -> Int? {
        try lock.withLock { () throws(Errno) in
            guard isReady else { return nil }
            do throws(Errno) {
                return try memory.read(into: range, from: descriptor)
            } catch {
                // Another process has taken the input.
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

/// The wait for input of one vCPU thread.
final class InputWait {
    let wait = InterruptibleWait()
    /// Called when a wait was interrupted: lets observers stop the guest, and returns whether to
    /// continue waiting.
    var goesOn: () -> Bool = { true }
}
