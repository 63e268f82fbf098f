/// Arm processors in AArch64 state. "Arm ARM" is the Arm Architecture Reference Manual for A-profile
/// (DDI 0487).
public enum AArch64 {
    /// Whether there are I/O ports besides memory addresses.
    public static var hasPorts: Bool { false }
}
