/// The registers of a vCPU that stands still, but for those of floating point, as code sees them that
/// knows no processor family.
public protocol RegisterSet: Equatable, Sendable {
    associatedtype Translation: TableWalk

    /// All of them 0.
    init()

    /// Where the next instruction is.
    var programCounter: UInt64 { get set }
    /// Its name, as messages about guests that fail have it: "rip".
    static var programCounterName: String { get }
    var stackPointer: UInt64 { get set }
    /// Where the caller's frame pointer lies, and the address that the function returns to behind it.
    var framePointer: UInt64 { get }
    /// The address of the last page fault.
    var faultAddress: UInt64 { get }
    /// How virtual addresses are translated.
    var translation: Translation { get }
    /// Whether it runs code that may do anything: ring 0, exception level 1.
    var isPrivileged: Bool { get }
    /// Whether it stands where a processor begins after a reset.
    var isReset: Bool { get }

    /// For people to read: names and values, row by row.
    var rows: [[(name: String, value: UInt64)]] { get }

    /// Those of a core file, in the order of the kernel's elf_gregset_t.
    var coreRegisters: [UInt64] { get }
    static var coreRegisterCount: Int { get }
    /// The processor family's number in ELF files (e_machine).
    static var elfMachine: UInt16 { get }
    /// In bytes.
    static var longestInstruction: Int { get }
}
