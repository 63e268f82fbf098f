import CLinux
import Linux
import Synchronization

/// The process at the other end of a socket, which may go away before the guest. To the guest, its
/// interface is down from then on.
final class Peer: Sendable {
    /// In words, such as "passt".
    private let name: String
    private let warn: @Sendable (String) -> Void
    private let isTold = Atomic(false)

    /// - Parameter warn: prints a line; called on any thread, once.
    init(_ name: String, warn: @escaping @Sendable (String) -> Void) {
        self.name = name
        self.warn = warn
    }

    /// Tells the operator, the first time.
    func hasGone(_ cause: String = "it has closed the connection") {
        guard !isTold.exchange(true, ordering: .relaxed) else { return }
        warn("\(name): \(cause): the guest's interface is down from now on")
    }

    func hasGone(_ ending: FrameStream.Ending) {
        switch ending {
        case .closed: hasGone()
        case .failed(let errno): hasGone("\(errno)")
        case .frameTooLong(let length):
            hasGone(
                "it announced a frame of \(length) bytes, and none has more than "
                    + "\(NetworkBackend.largestFrame)")
        }
    }
}
