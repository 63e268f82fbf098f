import Tender

/// How to find out from a call's argument what came of the call: from what the manifest says about
/// its fields. Nothing that would have to be counted or freed.
struct CallRule: Equatable {
    /// Where to find out whether the call failed.
    enum Check: Equatable {
        case none
        /// HVT_RESULT_*: from 2 on an error.
        case status(Int)
        /// Negative: an error.
        case signed(offset: Int, size: Int)
        /// An error if it is this one; then the error's number is at `code`.
        case tag(Int, failure: UInt32, code: Int)
    }

    /// Where to find out how many bytes the call moved, if it did not fail.
    enum Amount: Equatable {
        case none
        /// The field at this offset says it.
        case word(Int)
        /// The argument is the byte.
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
        // A call that does not say how much it moved has moved all.
        guard amount == .none, let length else { return }
        if let offset = fields.first(where: { $0.name == length })?.offset {
            amount = .word(offset)
        }
    }
}

extension HypercallField {
    /// Whether it is shown as what came of the call.
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
