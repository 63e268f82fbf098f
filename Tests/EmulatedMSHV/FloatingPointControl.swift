/// The two registers that hold the control of floating-point units (TLFS,
/// HV_X64_FP_CONTROL_STATUS_REGISTER and HV_X64_XMM_CONTROL_STATUS_REGISTER).
enum FloatingPointControl: UInt32 {
    /// FCW, FSW, FTW in short, FOP; FIP.
    case x87 = 0x30018
    /// FDP; MXCSR and the mask of its bits.
    case sse = 0x30019

    /// - Parameter state: as FXSAVE has it: FCW, FSW, FTW and FOP at 0, FIP at 8, FDP at 16, MXCSR and its mask
    ///   at 24.
    func value(in state: Bytes) -> Wide {
        Wide(low: state.get(place), high: state.get(place + 8))
    }

    func set(_ value: Wide, in state: inout Bytes) {
        state.set(place, value.low)
        switch self {
        case .x87: state.set(place + 8, value.high)
        case .sse: state.set(place + 8, UInt32(truncatingIfNeeded: value.high))
        }
    }

    private var place: Int { self == .x87 ? 0 : 16 }
}
