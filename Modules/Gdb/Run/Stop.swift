import Hypervisor
import Tender

/// Why a vCPU stands still.
enum Stop: Equatable {
    /// Nothing has happened to it: it is at its beginning, or was told to.
    case asked
    case step
    /// At an instruction that stands for a breakpoint of the debugger's.
    case breakpoint
    /// The guest's own INT3, or something else that only debuggers are interested in.
    case trap
    /// The index of the watch.
    case watch(Int)
    /// Something that the guest does not survive.
    case fault(Signal)

    /// Unix's names for what happens to programs, with gdb's numbers.
    enum Signal: UInt8 {
        case illegalInstruction = 4
        case trap = 5
        case segmentation = 11
        case systemCall = 12
        case interrupt = 2
        case kill = 9
    }

    var isFault: Bool { if case .fault = self { true } else { false } }

    /// Whether it would be lost if nobody were told of it. A vCPU that is at a breakpoint stops there
    /// again, if it still is there.
    var mustBeTold: Bool {
        switch self {
        case .asked, .breakpoint: false
        case .step, .trap, .watch, .fault: true
        }
    }
}

extension Stop.Signal {
    /// What an exit is that a guest does not survive.
    init(_ exit: Exit) {
        switch exit {
        case .portRead, .portWrite, .portString: self = .systemCall
        case .halt: self = .illegalInstruction
        default: self = .segmentation
        }
    }
}
