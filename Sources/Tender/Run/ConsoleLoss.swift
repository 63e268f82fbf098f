import Linux
import Synchronization

/// How much of a guest's output did not reach its console, and why.
///
/// One thread at a time adds; others, and handlers of signals, may look at the same time.
public final class ConsoleLoss: Sendable {
    enum Cause {
        /// The reader did not read.
        case slowReader
        /// There was no reader of a FIFO that has a name, by which one may come.
        case noReader
        /// The reader has closed the console, which is for the reader to decide.
        case closed
        case failure(Errno)
    }

    private let all = Atomic<UInt64>(0)
    private let told = Atomic<UInt64>(0)
    /// Of the first loss to tell of: 0 for none yet, or a `Cause.number`.
    private let cause = Atomic<Int32>(0)

    public init() {}

    func add(_ count: Int, _ cause: Cause) {
        let count = UInt64(clamping: count)
        all.add(count, ordering: .relaxed)
        if case .closed = cause { return }
        if self.cause.load(ordering: .relaxed) == 0 {
            self.cause.store(cause.number, ordering: .relaxed)
        }
        // Who sees the number sees the cause.
        told.add(count, ordering: .releasing)
    }

    /// In bytes.
    public var count: UInt64 { all.load(ordering: .relaxed) }

    /// The same without what a reader did not want that has closed the console.
    var countToTell: UInt64 { told.load(ordering: .acquiring) }

    /// What to tell the operator at the end; nil if there is nothing to tell.
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
    /// For an atomic: an error number for `.failure`, and negative for the others; never 0.
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
