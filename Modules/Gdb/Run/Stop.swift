import Hypervisor
import Tender

/// The reason for a vCPU's stop.
enum Stop: Equatable {
    /// At its first instruction, or on request, such as Ctrl-C.
    case asked
    case step
    /// At a software breakpoint that the debugger set.
    case breakpoint
    /// The guest's own INT3, or another debug exception that the debugger did not ask for.
    case trap
    /// A hardware breakpoint or watchpoint, by its index.
    case watch(Int)
    /// An exit that is fatal to the guest.
    case fault(Signal)

    /// Unix signals, with gdb's numbers.
    enum Signal: UInt8 {
        case illegalInstruction = 4
        case trap = 5
        case segmentation = 11
        case systemCall = 12
        case interrupt = 2
        case kill = 9
    }

    var isFault: Bool { if case .fault = self { true } else { false } }

    /// Whether the stop would be lost if it were not reported. A vCPU at a breakpoint stops there
    /// again when it resumes, if the breakpoint is still set.
    var mustBeTold: Bool {
        switch self {
        case .asked, .breakpoint: false
        case .step, .trap, .watch, .fault: true
        }
    }
}

extension Stop.Signal {
    /// The signal for an exit that is fatal to the guest.
    init(_ exit: Exit) {
        switch exit {
        case .portRead, .portWrite, .portString: self = .systemCall
        case .halt: self = .illegalInstruction
        default: self = .segmentation
        }
    }
}
