import ABI
import Architecture
import Tender

extension TrapFrame {
    /// Where a guest was when it trapped, as it left word with its end.
    ///
    /// - Returns: nil if it left none.
    init?(_ halt: Halt, _ memory: GuestMemory) {
        guard halt.cookie.value != 0,
            let frame = try? memory.load(hvt_x86_trap.self, at: halt.cookie)
        else { return nil }
        self.init(
            rip: frame.rip, cs: frame.cs, rflags: frame.rflags, rsp: frame.rsp, ss: frame.ss)
    }
}
