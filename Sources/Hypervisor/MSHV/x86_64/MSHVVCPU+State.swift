import Architecture
import CLinux

extension MSHVVCPU {
    /// After the register that the sixteen general ones begin with.
    @inline(never) private static var others: [Int] {
        [
            LINUX_HV_RIP, LINUX_HV_RFLAGS, LINUX_HV_CS, LINUX_HV_SS, LINUX_HV_DS, LINUX_HV_ES,
            LINUX_HV_FS, LINUX_HV_GS, LINUX_HV_CR0, LINUX_HV_CR2, LINUX_HV_CR3, LINUX_HV_CR4,
            LINUX_HV_EFER,
        ]
    }

    public func state() throws(HypervisorError) -> Registers {
        let names = (0..<16).map { LINUX_HV_RAX + $0 } + Self.others
        let values = try values(of: names, for: "read the registers")
        guard values.count == names.count else {
            throw HypervisorError("MSHV: read the registers: there are too many")
        }
        let low = values.map { $0.low }
        var state = Registers()
        (state.rax, state.rcx, state.rdx, state.rbx) = (low[0], low[1], low[2], low[3])
        (state.rsp, state.rbp, state.rsi, state.rdi) = (low[4], low[5], low[6], low[7])
        (state.r8, state.r9, state.r10, state.r11) = (low[8], low[9], low[10], low[11])
        (state.r12, state.r13, state.r14, state.r15) = (low[12], low[13], low[14], low[15])
        (state.rip, state.rflags) = (nextProgramCounter ?? low[16], low[17])
        state.cs = .init(values[18])
        state.ss = .init(values[19])
        state.ds = .init(values[20])
        state.es = .init(values[21])
        state.fs = .init(values[22])
        state.gs = .init(values[23])
        (state.cr0, state.cr2, state.cr3, state.cr4) = (low[24], low[25], low[26], low[27])
        state.efer = low[28]
        return state
    }
}

extension Registers.Segment {
    fileprivate init(_ value: linux_hv_value) {
        self.init()
        (selector, base) = (UInt16(truncatingIfNeeded: value.high >> 32), value.low)
    }
}
