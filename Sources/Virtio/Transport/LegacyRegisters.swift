import Tender

/// The I/O ports of the legacy transport: the legacy header, then the device's configuration
/// (virtio 0.9.5, 2.2.2).
enum LegacyRegisters {
    static let notification: UInt16 = 16
    static let interruptStatus = 19
    static let device = 20
    /// The size of the BAR, in ports.
    static let size: UInt16 = 32

    static func word(_ index: Int, of state: DriverState) -> UInt32 {
        switch index {
        case 0: state.offeredWord
        case 1: state.acceptedWord
        case 2: UInt32(truncatingIfNeeded: (state.queue?.descriptors ?? 0) >> 12)
        case 3: UInt32(state.queue?.size ?? 0) | UInt32(state.queueSelector) << 16
        case 4: UInt32(state.status) << 16
        default: 0
        }
    }

    static func write(
        _ access: RegisterAccess, _ value: UInt64, to state: inout DriverState,
        _ memory: GuestMemory?
    ) -> DriverState.Step {
        switch (access.offset, access.width) {
        case (4, 4): state.accept(UInt32(truncatingIfNeeded: value))
        case (8, 4):
            let address = address(ofPage: UInt64(UInt32(truncatingIfNeeded: value)), memory)
            state.changeQueue { $0.place(at: address) }
        case (14, 2): state.queueSelector = UInt16(truncatingIfNeeded: value)
        case (18, 1): return state.writeStatus(UInt8(truncatingIfNeeded: value))
        default: break
        }
        return .none
    }

    /// The register takes a page number. uhyve 0.2.1 took the address instead; guest memory of its
    /// time is too small to confuse the two.
    private static func address(ofPage value: UInt64, _ memory: GuestMemory?) -> UInt64 {
        let page = value << 12
        guard let memory, value & 0xFFF == 0 else { return page }
        let end = memory.start.value &+ memory.count
        return page >= end && value >= memory.start.value && value < end ? value : page
    }
}
