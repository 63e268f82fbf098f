import ABI

/// The outcome of a call for statistics: error or not, and bytes moved.
struct CallMeasure: Equatable {
    var isError = false
    /// The number of bytes that the call moved.
    var bytes: UInt64 = 0

    /// - Parameter load: reads a word of `width` bytes, 4 or 8, at an offset of the argument; nil
    ///   if the argument is shorter.
    @inline(__always)
    init(_ rule: CallRule, _ load: (_ offset: Int, _ width: Int) -> UInt64?) {
        var isDone = true
        switch rule.check {
        case .none: break
        case .status(let offset):
            let status = load(offset, 4) ?? 0
            isError = status >= UInt64(HVT_RESULT_INVALID)
            isDone = status == UInt64(HVT_RESULT_OK)
        case .signed(let offset, let size):
            isError = Self.signed(load(offset, size) ?? 0, size) < 0
        case .tag(let offset, let failure, _): isError = load(offset, 4) == UInt64(failure)
        }
        guard isDone, !isError else { return }
        switch rule.amount {
        case .none: break
        case .word(let offset): bytes = load(offset, 8) ?? 0
        case .one: bytes = 1
        }
    }

    init(_ rule: CallRule, _ argument: [UInt8]) {
        self.init(rule) { (offset, width) in
            width == 4
                ? argument.word32(at: offset).map { UInt64($0) } : argument.word64(at: offset)
        }
    }

    static func signed(_ value: UInt64, _ width: Int) -> Int64 {
        width == 4
            ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
    }
}
