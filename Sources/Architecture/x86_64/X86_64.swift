/// Intel and AMD processors in 64-bit mode. "Intel SDM" is Intel's Software Developer's Manual,
/// "AMD APM" is AMD's Architecture Programmer's Manual.
public enum X86_64 {
    /// Whether there are I/O ports besides memory addresses.
    public static var hasPorts: Bool { true }
}
