import CLinux
import Linux

/// How much of a guest's output did not reach its console, and why.
///
/// One thread at a time adds; others, and handlers of signals, may look at the same time and get
/// numbers that are a little old.
@safe public final class ConsoleLoss: @unchecked Sendable {
    enum Cause {
        /// The reader did not read.
        case slowReader
        /// There was no reader of a FIFO that has a name, by which one may come.
        case noReader
        /// The reader has closed the console, which is for the reader to decide.
        case closed
        case failure(Errno)
    }

    // A handler must not meet the language's checks of who has access to a property.
    private let counts: UnsafeMutablePointer<(all: UInt64, told: UInt64)>
    private var cause: Cause?

    public init() {
        unsafe counts = .allocate(capacity: 1)
        unsafe counts.initialize(to: (0, 0))
    }

    func add(_ count: Int, _ cause: Cause) {
        let count = UInt64(clamping: count)
        // They live as long as this.
        unsafe counts.pointee.all = counts.pointee.all.clampedSum(count)
        if case .closed = cause { return }
        unsafe counts.pointee.told = counts.pointee.told.clampedSum(count)
        if self.cause == nil { self.cause = cause }
    }

    /// In bytes.
    public var count: UInt64 { unsafe counts.pointee.all }

    /// The same without what a reader did not want that has closed the console.
    var countToTell: UInt64 { unsafe counts.pointee.told }

    /// What to tell the operator at the end; nil if there is nothing to tell.
    public var line: String? {
        guard countToTell > 0, let cause else { return nil }
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

    deinit {
        // No thread adds or reads any more, or this object would still be in use.
        unsafe counts.deallocate()
    }
}

extension UInt64 {
    fileprivate func clampedSum(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
