import Architecture
import Hypervisor
import Tender

/// The hvt ABI on one architecture: how guests call, and how they start.
///
/// Code for the processor that this runs on uses `Native`; the others are for tests.
protocol HVTProcessor {
    associatedtype BootState: Equatable
    associatedtype ExceptionTable: Equatable

    /// The numbers of hypercalls.
    static var numbering: HypercallNumbering { get }

    /// The number and the argument of a hypercall; nil if the exit is none.
    static func hypercall(_ exit: Exit) -> (number: Int, argument: UInt64)?

    /// Whether the exit is a kick of the network ring.
    static func isKick(_ exit: Exit) -> Bool

    /// A byte of all code that kicks the ring, for `KickScan`; nil if code does not show that.
    static var kickMark: UInt8? { get }

    /// The addresses of the page tables, which have four levels of 4 KiB tables.
    static var tables: TableLayout { get }

    /// The entry for a table.
    static func entry(table: UInt64) -> UInt64

    /// The entry for a page of 4 KiB, or of 2 MiB.
    static func entry(page: UInt64, isLarge: Bool, _ use: PageUse) -> UInt64

    /// Places what the processor needs besides page tables, and returns the vCPU's initial state.
    ///
    /// - Parameter exceptions: whether the pages of the exception table are mapped, and the physical
    ///   address of the second one.
    static func start(
        _ boot: HVTBoot, entry: UInt64, exceptions: UInt64?
    ) throws(TenderError) -> (state: BootState, exceptions: ExceptionTable?)
}

/// What the guest may do with a page.
enum PageUse {
    case code
    case data
    case readOnlyData
    /// Code that can't be written to.
    case readOnlyCode
    /// Accesses exit to the tender.
    case device
}

/// Where an hvt guest's page tables are.
struct TableLayout {
    /// The table of the highest level.
    let root: UInt64
    /// The next level: the table for the lowest 512 GiB.
    let pointers: UInt64
    /// Four tables after each other, for 1 GiB each.
    let directories: UInt64
    /// The table of the first 2 MiB.
    let first: UInt64
    /// Other entries of the table at `pointers`, by index.
    let otherPointers: [(index: Int, entry: UInt64)]
    /// The pages below the boot information for further tables.
    let spare: Range<UInt64>
    /// The entry that leads to the exception pages, in a table of the highest level.
    let exceptions: (table: UInt64, index: Int)
    /// The first exception page, which is mapped for reading and executing.
    let exceptionCode: UInt64
    /// The second one, if it is a device; otherwise it is a page of memory.
    let exceptionDevice: UInt64?
    /// Whether a guest without exception table could fault for ever: then an image too fragmented to
    /// leave room for it is refused.
    let needsExceptions: Bool
}
