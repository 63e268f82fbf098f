import Tender

/// Why a command can't do what it was asked to: the lines that the operator reads, mostly one.
struct CommandError: Error, Equatable {
    let lines: [String]
    /// The signal that wants the end, if one does.
    private(set) var signal: Int32?

    init(_ line: String) {
        lines = [line]
    }

    init(_ error: TenderError) {
        switch error {
        case .missingModules(let lines), .unattached(let lines):
            self.lines = lines
        case .module(let cause):
            lines = [(cause.option.map { "option \($0.text): " } ?? "") + error.description]
        case .signal(let number):
            lines = Signals.isTold(number) ? [error.description] : []
            signal = number
        default:
            lines = [error.description]
        }
    }

    /// An error that ended a guest, which a module would have prevented that was not built in.
    init(_ error: TenderError, builtIn modules: [RegisteredModule]) {
        let fault: GuestFault? =
            switch error {
            case .guest(let fault), .guestExplained(let fault, _): fault
            default: nil
            }
        if case .hypercall(let number) = fault, let fault,
            let module = KnownModule.serving(hypercall: number), !module.isBuiltIn(modules)
        {
            self.init("\(fault): \(module.absence)")
        } else {
            self.init(error)
        }
    }
}

/// Does `body`; the tender's error becomes a command's.
func reporting<Value: ~Copyable, Failure: Error>(
    _ report: (Failure) -> CommandError, _ body: () throws(Failure) -> Value
) throws(CommandError) -> Value {
    do throws(Failure) {
        return try body()
    } catch {
        throw report(error)
    }
}
