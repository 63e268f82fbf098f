import ABI
import Architecture
import Tender

extension X86_64.TrapFrame {
    /// The trap frame that a guest passes as the halt cookie (`hvt_x86_trap`).
    ///
    /// - Returns: nil if there is none in guest memory.
    init?(_ halt: Halt, _ memory: GuestMemory) {
        guard halt.cookie.value != 0,
            let frame = try? memory.load(hvt_x86_trap.self, at: halt.cookie)
        else { return nil }
        self.init(
            rip: frame.rip, cs: frame.cs, rflags: frame.rflags, rsp: frame.rsp, ss: frame.ss)
    }
}

extension AArch64.TrapFrame {
    /// The hvt ABI gives no layout for halt cookies of this architecture.
    init?(_ halt: Halt, _ memory: GuestMemory) { return nil }
}
