import Architecture
import CLinux
import Linux

extension KVMVCPU {
    public func setStops(_ stops: DebugStops) throws(HypervisorError) {
        var debug = kvm_guest_debug(stops)
        // The kernel reads the struct during the call.
        guard unsafe linux_ioctl(descriptor.number, LINUX_KVM_SET_GUEST_DEBUG, &debug) == 0 else {
            throw .failed(operation: "set breakpoints", .current)
        }
    }

    public var debugExit: DebugExit { page.debugExit }
}

extension kvm_guest_debug {
    /// Debug registers as in Intel SDM volume 3, 18.2.
    init(_ stops: DebugStops) {
        self.init()
        let watches = stops.watches.prefix(Breakpoint.mostWatches)
        if stops.isStepping { control |= UInt32(KVM_GUESTDBG_SINGLESTEP) }
        if stops.hasBreakpoints { control |= UInt32(KVM_GUESTDBG_USE_SW_BP) }
        if !watches.isEmpty { control |= UInt32(KVM_GUESTDBG_USE_HW_BP) }
        if control != 0 { control |= UInt32(KVM_GUESTDBG_ENABLE) }

        let addresses = watches.map { $0.address } + [UInt64](repeating: 0, count: 4)
        // DR7.LE and DR7.GE: exact breakpoints.
        var switches: UInt64 = 3 << 8
        for (index, watch) in watches.enumerated() {
            let index = UInt64(index)
            switches |= 2 << (2 * index) | watch.condition << (16 + 4 * index)
        }
        arch.debugreg = (
            addresses[0], addresses[1], addresses[2], addresses[3], 0, 0, 0,
            watches.isEmpty ? 0 : switches
        )
    }
}

extension DebugStops.Watch {
    /// The R/W and LEN fields of DR7.
    fileprivate var condition: UInt64 {
        let access: UInt64 =
            switch kind {
            case .execution: 0
            case .write: 1
            case .access: 3
            }
        let size: UInt64 =
            switch length {
            case 2: 1
            case 4: 3
            case 8: 2
            default: 0
            }
        return access | size << 2
    }
}

extension DebugExit {
    /// - Parameters:
    ///   - exception: the vector, 1 or 3.
    ///   - status: DR6.
    init(exception: UInt32, address: UInt64, status: UInt64) {
        let isBreakpoint = exception == 3
        self.init(
            address: address, isStep: !isBreakpoint && status & 1 << 14 != 0,
            isBreakpoint: isBreakpoint,
            watch: isBreakpoint ? nil : (0..<4).first { status & 1 << UInt64($0) != 0 })
    }
}
