import Hypervisor
import Linux
import Synchronization

/// Counters that one thread increments and any thread may read concurrently: relaxed atomics,
/// without an order between them.
@safe public final class Counters: @unchecked Sendable {
    private let values: UnsafeMutablePointer<Atomic<UInt64>>
    private let count: Int

    public init(count: Int) {
        self.count = count
        unsafe values = .allocate(capacity: count)
        for index in 0..<count { unsafe (values + index).initialize(to: Atomic(0)) }
    }

    public subscript(index: Int) -> UInt64 {
        @inline(__always)
        get {
            // The index is checked, and the values live as long as this object.
            index >= 0 && index < count ? unsafe values[index].load(ordering: .relaxed) : 0
        }
        @inline(__always)
        set {
            guard index >= 0, index < count else { return }
            unsafe values[index].store(newValue, ordering: .relaxed)
        }
    }

    deinit {
        // No thread uses the values: it would retain this object.
        unsafe values.deinitialize(count: count)
        unsafe values.deallocate()
    }
}

/// Kinds of VM exits besides hypercalls.
public enum ExitKind: Int, CaseIterable, Sendable {
    case portRead, portWrite, memoryRead, memoryWrite, halt, interrupted
    /// A port string instruction (INS, OUTS).
    case other
    /// An exit that ends the guest unless an observer resumes it.
    case stop

    @inline(__always)
    public init(_ exit: Exit) {
        self =
            switch exit {
            case .portRead: .portRead
            case .portWrite: .portWrite
            case .mmioRead: .memoryRead
            case .mmioWrite: .memoryWrite
            case .halt: .halt
            case .interrupted: .interrupted
            case .portString: .other
            default: .stop
            }
    }
}

/// A vCPU's exit counts by cause. Its own thread increments them; other threads may read slightly
/// stale values.
public final class ExitCounters: Sendable {
    /// The numbers of the hypercalls that are counted.
    public let callNumbers: [Int32]
    /// Hypercalls, then other exits, then start and end time.
    private let counters: Counters

    public init(callNumbers: [Int32]) {
        self.callNumbers = callNumbers
        counters = Counters(count: callNumbers.count + ExitKind.allCases.count + 2)
    }

    /// - Parameter call: the hypercall's index in `callNumbers`.
    @inline(__always)
    public func count(call: Int) { counters[call] &+= 1 }

    @inline(__always)
    public func count(_ kind: ExitKind) { counters[callNumbers.count + kind.rawValue] &+= 1 }

    public subscript(call call: Int) -> UInt64 { counters[call] }
    public subscript(kind: ExitKind) -> UInt64 { counters[callNumbers.count + kind.rawValue] }

    private var timeIndex: Int { callNumbers.count + ExitKind.allCases.count }

    /// CLOCK_MONOTONIC time in nanoseconds; 0 for not yet.
    public var start: UInt64 {
        get { counters[timeIndex] }
        set { counters[timeIndex] = newValue }
    }
    public var end: UInt64 {
        get { counters[timeIndex + 1] }
        set { counters[timeIndex + 1] = newValue }
    }

    /// The vCPU's running time, in nanoseconds.
    public var duration: UInt64 {
        start == 0 ? 0 : (end == 0 ? Clock.monotonic : end) &- start
    }
}
