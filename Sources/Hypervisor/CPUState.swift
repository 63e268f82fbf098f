/// The registers of a vCPU that stands still, but for those of floating point.
public struct CPUState: Equatable, Sendable {
    public struct Segment: Equatable, Sendable {
        public var selector: UInt16 = 0
        public var base: UInt64 = 0

        public init() {}
    }

    public var rax: UInt64 = 0
    public var rbx: UInt64 = 0
    public var rcx: UInt64 = 0
    public var rdx: UInt64 = 0
    public var rsi: UInt64 = 0
    public var rdi: UInt64 = 0
    public var rbp: UInt64 = 0
    public var rsp: UInt64 = 0
    public var r8: UInt64 = 0
    public var r9: UInt64 = 0
    public var r10: UInt64 = 0
    public var r11: UInt64 = 0
    public var r12: UInt64 = 0
    public var r13: UInt64 = 0
    public var r14: UInt64 = 0
    public var r15: UInt64 = 0
    public var rip: UInt64 = 0
    public var rflags: UInt64 = 0
    public var cs = Segment()
    public var ss = Segment()
    public var ds = Segment()
    public var es = Segment()
    public var fs = Segment()
    public var gs = Segment()
    public var cr0: UInt64 = 0
    /// The address of the last page fault.
    public var cr2: UInt64 = 0
    public var cr3: UInt64 = 0
    public var cr4: UInt64 = 0
    public var efer: UInt64 = 0

    public init() {}
}
