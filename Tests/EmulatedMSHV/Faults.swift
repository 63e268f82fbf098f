import CLinux
import Linux

/// What goes wrong on purpose, each at a call that is counted from 1.
public struct Faults: Sendable, Equatable {
    /// The kinds of calls that are counted.
    public enum Call: String, CaseIterable, Sendable {
        case open
        case createPartition
        case initializePartition
        case createVP
        case setGuestMemory
        case hypercall
        case run
    }

    public struct Failure: Sendable, Equatable {
        public var call: Call
        public var number: Int
        public var errno: Errno

        public init(_ call: Call, _ number: Int, _ code: Int32) {
            self.call = call
            self.number = number
            errno = Errno(code)
        }
    }

    /// Calls that fail, and do nothing.
    public var failures: [Failure] = []
    /// The hypercall that the hypervisor has no memory for: EAGAIN, and nothing done.
    public var memoryLack: Int?
    /// The first hypercall from this one on with several repetitions: half of them are done.
    public var shortCount: Int?
    /// The exit whose message has a type that no VMM knows.
    public var unknownMessage: Int?
    /// The exits that leave the register page invalid.
    public var invalidPage: ClosedRange<Int>?
    /// Whether VPs have no pages to map: ENODEV.
    public var hasNoPages = false
    /// Whether addresses in messages come in two parts, as on Intel processors. Right for guests with
    /// identity mapping.
    public var splitsAddresses = false

    public init() {}

    public init(_ call: Call, _ number: Int, _ code: Int32) {
        failures = [Failure(call, number, code)]
    }
}

/// Faults, and how far calls have been counted.
struct FaultCounter {
    let faults: Faults
    private var calls: [Faults.Call: Int] = [:]
    private(set) var exits = 0
    private var hasBeenShort = false

    init(_ faults: Faults) { self.faults = faults }

    /// Counts a call, which may fail for it.
    mutating func count(_ call: Faults.Call) throws(Errno) {
        let number = calls[call, default: 0] + 1
        calls[call] = number
        for failure in faults.failures where failure.call == call && failure.number == number {
            throw failure.errno
        }
    }

    func number(of call: Faults.Call) -> Int { calls[call, default: 0] }

    var lacksMemory: Bool { faults.memoryLack == number(of: .hypercall) }

    /// How many of a hypercall's repetitions are done.
    mutating func repetitions(of asked: Int) -> Int {
        guard asked > 1, !hasBeenShort, let first = faults.shortCount,
            number(of: .hypercall) >= first
        else { return asked }
        hasBeenShort = true
        return asked / 2
    }

    mutating func countExit() { exits += 1 }

    var isMessageUnknown: Bool { faults.unknownMessage == exits }
    var isPageInvalid: Bool { faults.invalidPage?.contains(exits) ?? false }
}
