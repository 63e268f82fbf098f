import ABI
import Hypervisor
import Tender

/// Where a guest was when it trapped, as it left word with its end.
struct TrapFrame {
    private let frame: hvt_x86_trap

    /// - Returns: nil if it left none.
    init?(_ halt: Halt, _ memory: GuestMemory) {
        guard halt.cookie.value != 0,
            let frame = try? memory.load(hvt_x86_trap.self, at: halt.cookie)
        else { return nil }
        self.frame = frame
    }

    func apply(to state: inout CPUState) {
        state.rip = frame.rip
        state.rflags = frame.rflags
        state.rsp = frame.rsp
        state.cs.selector = UInt16(truncatingIfNeeded: frame.cs)
        state.ss.selector = UInt16(truncatingIfNeeded: frame.ss)
    }
}
