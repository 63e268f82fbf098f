import Linux
import Synchronization

/// The bytes of a guest's output that its console lost, and the cause.
///
/// One thread at a time adds; other threads and signal handlers may read at the same time.
public final class ConsoleLoss: Sendable {
    enum Cause {
        /// The reader did not read.
        case slowReader
        /// A named FIFO has no reader yet; one may open it later.
        case noReader
        /// The reader closed the console, which is its right: no loss to report.
        case closed
        case failure(Errno)
    }

    private let all = Atomic<UInt64>(0)
    private let told = Atomic<UInt64>(0)
    /// The cause of the first loss to report: 0 for none yet, or a `Cause.number`.
    private let cause = Atomic<Int32>(0)

    public init() {}

    func add(_ count: Int, _ cause: Cause) {
        let count = UInt64(clamping: count)
        all.add(count, ordering: .relaxed)
        if case .closed = cause { return }
        if self.cause.load(ordering: .relaxed) == 0 {
            self.cause.store(cause.number, ordering: .relaxed)
        }
        // Releasing: a thread that loads this count sees the cause, too.
        told.add(count, ordering: .releasing)
    }

    /// All bytes lost.
    public var count: UInt64 { all.load(ordering: .relaxed) }

    /// Bytes lost, without those after the reader closed the console.
    var countToTell: UInt64 { told.load(ordering: .acquiring) }

    /// The operator's line at the end; nil if there is nothing to report.
    public var line: String? {
        guard countToTell > 0, let cause = Cause(number: cause.load(ordering: .relaxed))
        else { return nil }
        let why =
            switch cause {
            case .slowReader: "their reader did not read"
            case .noReader: "there was no reader"
            case .closed: "their reader has gone"
            case .failure(let errno): errno.description
            }
        return "\(countToTell)\(Self.words): \(why)"
    }

    /// The line, up to its cause, without the number.
    static var words: String { " bytes of the guest's output were lost" }
}

extension ConsoleLoss.Cause {
    /// The value stored in an atomic: errno for `.failure`, negative for the others; never 0.
    fileprivate var number: Int32 {
        switch self {
        case .slowReader: -1
        case .noReader: -2
        case .closed: -3
        case .failure(let errno): errno.code
        }
    }

    fileprivate init?(number: Int32) {
        switch number {
        case 0: return nil
        case -1: self = .slowReader
        case -2: self = .noReader
        case -3: self = .closed
        default: self = .failure(Errno(number))
        }
    }
}
