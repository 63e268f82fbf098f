import Architecture
import CLinux
import Linux

extension KVMVCPU: DebuggedCPU {
    public func setState(_ state: Registers) throws(HypervisorError) {
        // A pending load or store would advance the new program counter: complete it first.
        if features.changed == nil {
            try runNothing()
            features.changed = ChangedRegisters(before: try readRegisters(), after: state)
        } else {
            features.changed?.after = state
        }
    }

    public func setStops(_ stops: DebugStops) throws(HypervisorError) {
        var debug = kvm_guest_debug()
        features.watches = Array(stops.watches.prefix(Breakpoint.mostWatches))
        if stops.isStepping { debug.control |= UInt32(KVM_GUESTDBG_SINGLESTEP) }
        if stops.hasBreakpoints { debug.control |= UInt32(KVM_GUESTDBG_USE_SW_BP) }
        if !features.watches.isEmpty { debug.control |= LINUX_KVM_GUESTDBG_USE_HW }
        if debug.control != 0 { debug.control |= UInt32(KVM_GUESTDBG_ENABLE) }
        for (index, watch) in features.watches.enumerated() {
            // The struct has more places than there are watches.
            let index = UInt32(index)
            switch watch.kind {
            case .execution:
                unsafe linux_set_breakpoint(&debug, index, watch.address, watch.control)
            case .write, .access:
                unsafe linux_set_watchpoint(&debug, index, watch.address & ~7, watch.control)
            }
        }
        // The kernel reads the struct during the call.
        guard unsafe linux_ioctl(descriptor.number, LINUX_KVM_SET_GUEST_DEBUG, &debug) == 0 else {
            throw .failed(operation: "set breakpoints", .current)
        }
    }

    public var debugExit: DebugExit {
        let syndrome = AArch64.Syndrome(
            rawValue: UInt64(page.load(LINUX_KVM_RUN_DEBUG_HSR, as: UInt32.self)))
        let address = (try? state())?.programCounter ?? 0
        let watch: Int? =
            switch syndrome.debugEvent {
            case .breakpoint: features.watches.firstIndex { $0.address == address }
            case .watchpoint: self.watch(at: page.load(LINUX_KVM_RUN_DEBUG_FAR, as: UInt64.self))
            default: nil
            }
        return DebugExit(
            address: address, isStep: syndrome.debugEvent == .step,
            isBreakpoint: syndrome.debugEvent == .instruction, watch: watch)
    }

    /// The watchpoint that an access hit. The processor tells the access's address, which may be
    /// below that of the watchpoint, but not which watchpoint it was.
    private func watch(at access: UInt64) -> Int? {
        let watches = features.watches
        let hit = watches.firstIndex {
            $0.kind != .execution && access >= $0.address
                && access - $0.address < UInt64($0.length)
        }
        return hit ?? watches.firstIndex { $0.kind != .execution && $0.address > access }
    }

    public func floatingPoint() throws(HypervisorError) -> FloatingPointState {
        var state = FloatingPointState()
        for number in state.vectors.indices {
            try exchange(&state.vectors[number], RegisterNumber.vector(number), isSet: false)
        }
        state.status = try word(RegisterNumber.fpsr)
        state.control = try word(RegisterNumber.fpcr)
        return state
    }

    public func setFloatingPoint(_ state: FloatingPointState) throws(HypervisorError) {
        for (number, vector) in state.vectors.prefix(32).enumerated() where vector.count == 16 {
            var bytes = vector
            try exchange(&bytes, RegisterNumber.vector(number), isSet: true)
        }
        try setWord(RegisterNumber.fpsr, to: state.status)
        try setWord(RegisterNumber.fpcr, to: state.control)
    }

    private func word(_ number: UInt64) throws(HypervisorError) -> UInt32 {
        var bytes = [UInt8](repeating: 0, count: 4)
        try exchange(&bytes, number, isSet: false)
        return bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    private func setWord(_ number: UInt64, to value: UInt32) throws(HypervisorError) {
        var bytes = (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        try exchange(&bytes, number, isSet: true)
    }

    /// Reads or sets a register that is as wide as `bytes`.
    private func exchange(
        _ bytes: inout [UInt8], _ number: UInt64, isSet: Bool
    ) throws(HypervisorError) {
        // The kernel reads or writes as many bytes as the number says.
        let result = unsafe bytes.withUnsafeMutableBytes { bytes in
            isSet
                ? unsafe linux_set_register(descriptor.number, number, bytes.baseAddress)
                : unsafe linux_get_register(descriptor.number, number, bytes.baseAddress)
        }
        guard result == 0 else {
            throw .failed(
                operation: "\(isSet ? "set" : "read") register 0x\(String(number, radix: 16))",
                .current)
        }
    }
}

extension DebugStops.Watch {
    /// DBGBCR or DBGWCR (Arm ARM, D19.3.2 and D19.3.11): on, at exception levels 0 and 1.
    fileprivate var control: UInt64 {
        switch kind {
        // All bytes of an instruction.
        case .execution: 0x7 | 0xF << 5
        case .write: 0x7 | 2 << 3 | byteSelect
        case .access: 0x7 | 3 << 3 | byteSelect
        }
    }

    /// BAS: the bytes of the aligned 8 that it watches.
    private var byteSelect: UInt64 {
        let bytes: UInt64 = length >= 8 ? 0xFF : (1 << UInt64(length)) - 1
        return (bytes << (address & 7) & 0xFF) << 5
    }
}
