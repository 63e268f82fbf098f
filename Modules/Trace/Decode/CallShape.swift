import ABI

/// What an argument's bytes mean.
struct CallShape {
    struct Field {
        enum Meaning {
            /// In decimal.
            case number, signed
            case address
            /// In nanoseconds, and since the Unix epoch.
            case duration, date
            /// Bits of handles.
            case set
            /// HVT_RESULT_*.
            case status
            /// As in open(2).
            case openFlags, octal
            /// Of version 3 of Hermit's interface: whether it is an error, `Check` says.
            case outcome
        }

        let name: String
        let offset: Int
        /// In bytes, 4 or 8.
        let width: Int
        let meaning: Meaning
        /// Whether the tender fills it in.
        var isResult = false
    }

    /// How to find out what came of the call. Nothing that would have to be counted or freed.
    struct Rule {
        var check = Check.none
        var amount = Amount.none
    }

    /// Where to find out whether the call failed.
    enum Check {
        case none
        /// HVT_RESULT_*: from 2 on an error.
        case status(Int)
        /// Negative: an error.
        case signed(offset: Int, width: Int)
        /// An error if it is this one; then the error's number is at `code`.
        case tag(Int, error: UInt64, code: Int)
    }

    /// Where to find out how many bytes the call moved, if it did not fail.
    enum Amount {
        case none
        /// The argument says it; with a status, only OK counts.
        case word(Int)
        /// It is what the argument comes back as.
        case result(Int)
        case one
    }

    let fields: [Field]
    let rule: Rule
    /// What the argument is if it is no address; nil if it is one, or nothing.
    let value: (name: String, meaning: Field.Meaning)?

    init(
        fields: [Field] = [], check: Check = .none, amount: Amount = .none,
        value: (name: String, meaning: Field.Meaning)? = nil
    ) {
        self.fields = fields
        rule = Rule(check: check, amount: amount)
        self.value = value
    }

    /// - Parameter number: as `TracedCall` has it.
    static func of(_ number: Int32, isForeign: Bool) -> CallShape? {
        isForeign ? uhyve(number) : hvt(number)
    }
}

extension CallShape.Field {
    static func number(_ name: String, _ offset: Int, _ width: Int = 8) -> Self {
        Self(name: name, offset: offset, width: width, meaning: .number)
    }

    static func signed(_ name: String, _ offset: Int, _ width: Int = 4) -> Self {
        Self(name: name, offset: offset, width: width, meaning: .signed)
    }

    static func address(_ name: String, _ offset: Int) -> Self {
        Self(name: name, offset: offset, width: 8, meaning: .address)
    }

    static func result(
        _ name: String, _ offset: some BinaryInteger, _ width: Int, _ meaning: Meaning
    ) -> Self {
        Self(name: name, offset: Int(offset), width: width, meaning: meaning, isResult: true)
    }
}
