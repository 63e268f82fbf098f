import Tender

/// The location of a call's result in its argument, derived from the fields in the manifest. A
/// trivial type: copying it neither retains nor allocates.
struct CallRule: Equatable {
    /// The field that says whether the call failed.
    enum Check: Equatable {
        case none
        /// HVT_RESULT_*; values from 2 on are errors.
        case status(Int)
        /// Negative values are errors.
        case signed(offset: Int, size: Int)
        /// A tag that equals `failure` on error; the error's number is then at offset `code`.
        case tag(Int, failure: UInt32, code: Int)
    }

    /// The field that says how many bytes the call moved, if it did not fail.
    enum Amount: Equatable {
        case none
        /// The field at this offset.
        case word(Int)
        /// One byte, which is the argument itself.
        case one
    }

    private(set) var check = Check.none
    private(set) var amount = Amount.none

    init(_ fields: [HypercallField]) {
        var length: String?
        for field in fields {
            guard let offset = field.offset else {
                if field.size == 1 { amount = .one }
                continue
            }
            switch field.meaning {
            case .status: check = .status(offset)
            case .result: check = .signed(offset: offset, size: field.size)
            case .countOrError:
                check = .signed(offset: offset, size: field.size)
                amount = .word(offset)
            case .outcome(let failure, let code):
                check = .tag(offset, failure: failure, code: code)
            case .count: amount = .word(offset)
            case .buffer(let name): length = name
            default: break
            }
        }
        // Without a count in the results, the whole buffer was moved.
        guard amount == .none, let length else { return }
        if let offset = fields.first(where: { $0.name == length })?.offset {
            amount = .word(offset)
        }
    }
}

extension HypercallField {
    /// Whether it is shown as a result of the call.
    var isResult: Bool {
        switch direction {
        case .input: false
        case .output: true
        case .both: tellsErrors
        }
    }

    private var tellsErrors: Bool {
        switch meaning {
        case .status, .result, .countOrError, .outcome: true
        default: false
        }
    }
}
