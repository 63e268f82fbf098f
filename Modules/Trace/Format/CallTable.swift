import Tender

/// A hypercall that a trace may hold.
struct TracedCall: Equatable {
    /// The hypercall's number, or for Hermit guests its port.
    let number: Int32
    let name: String
    /// The size of the argument, in bytes.
    let argumentSize: Int
    /// The fields of the argument; empty if they are not known.
    var fields: [HypercallField] = []

    /// Whether the guest waits in it: it takes the length of a wait. Such a call's time is the
    /// guest's rest, and no work of the host's.
    var isWait: Bool {
        fields.contains { if case .duration = $0.meaning { !$0.isResult } else { false } }
    }
}

/// The hypercalls of one kind of guests, by number.
struct CallTable {
    let calls: [TracedCall]
    private var indices: [UInt16]

    private static let none = UInt16.max

    init(_ calls: [TracedCall]) {
        let calls = calls.filter { 0...0xFFFF ~= $0.number }
        let most = calls.reduce(0) { max($0, $1.number) }
        indices = [UInt16](repeating: Self.none, count: Int(most) + 1)
        for (index, call) in calls.enumerated() where index < Int(Self.none) {
            indices[Int(call.number)] = UInt16(index)
        }
        self.calls = calls
    }

    /// The hypercalls that guests of a kind can make.
    init(_ modules: [ModuleManifest], of kind: String) {
        self.init(
            modules.filter { $0.guests == kind }.flatMap { $0.hypercalls }.map {
                TracedCall(
                    number: $0.number, name: $0.name, argumentSize: $0.argumentSize,
                    fields: $0.fields)
            })
    }

    /// The index in `calls` of the hypercall with this number.
    @inline(__always)
    func index(_ number: Int32) -> Int? {
        guard number >= 0, number < indices.count else { return nil }
        let index = indices[Int(number)]
        return index == Self.none ? nil : Int(index)
    }
}
