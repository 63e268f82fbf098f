/// The registers of a stopped vCPU, without floating point, for architecture-independent code.
public protocol RegisterSet: Equatable, Sendable {
    associatedtype Translation: TableWalk

    /// All registers 0.
    init()

    /// The address of the next instruction.
    var programCounter: UInt64 { get set }
    /// Its name in fault reports: "rip".
    static var programCounterName: String { get }
    var stackPointer: UInt64 { get set }
    /// The address of the caller's saved frame pointer, with the return address after it.
    var framePointer: UInt64 { get }
    /// The return address of the last call, if a register has it: functions that call no other leave
    /// it there.
    var returnAddress: UInt64? { get }
    /// The address of the last page fault.
    var faultAddress: UInt64 { get }
    /// The paging state.
    var translation: Translation { get }
    /// Whether the vCPU runs privileged code: ring 0, exception level 1.
    var isPrivileged: Bool { get }
    /// Whether the vCPU is at the reset vector.
    var isReset: Bool { get }

    /// Names and values for people, row by row.
    var rows: [[(name: String, value: UInt64)]] { get }

    /// The registers in a core file, in the order of the kernel's elf_gregset_t.
    var coreRegisters: [UInt64] { get }
    static var coreRegisterCount: Int { get }
    /// The architecture's e_machine in ELF files.
    static var elfMachine: UInt16 { get }
    /// The longest instruction, in bytes.
    static var longestInstruction: Int { get }
}

extension RegisterSet {
    public var returnAddress: UInt64? { nil }
}
