import CLinux
import Linux

/// The page by which a VP's registers can be changed without a hypercall. Not every kernel has it,
/// and it does not hold the registers after every exit.
///
/// One of the files with unsafe pointers: every access is at an offset from our header, in a mapping
/// of a page.
struct MSHVRegisterPage: ~Copyable {
    private let mapping: MemoryMapping

    init(_ mapping: consuming MemoryMapping) throws(Errno) {
        guard mapping.count >= MemoryLayout<linux_hv_register_page>.size else {
            throw Errno(EINVAL)
        }
        self.mapping = mapping
    }

    /// Whether the page holds the registers, and takes changes.
    @inline(__always)
    private var isValid: Bool {
        unsafe mapping.base.load(fromByteOffset: LINUX_HV_PAGE_IS_VALID, as: UInt8.self) != 0
    }

    /// By classes of registers: whether the next run is to take the page's.
    @inline(__always)
    private var dirty: UInt32 {
        get { unsafe mapping.base.load(fromByteOffset: LINUX_HV_PAGE_DIRTY, as: UInt32.self) }
        nonmutating set {
            unsafe mapping.base.storeBytes(
                of: newValue, toByteOffset: LINUX_HV_PAGE_DIRTY, as: UInt32.self)
        }
    }

    /// Has the next run begin at this address, if the page takes changes now.
    ///
    /// - Returns: whether it does.
    @inline(__always)
    func setProgramCounter(_ address: UInt64) -> Bool {
        guard isValid else { return false }
        unsafe mapping.base.storeBytes(
            of: address, toByteOffset: LINUX_HV_PAGE_RIP, as: UInt64.self)
        dirty |= UInt32(LINUX_HV_DIRTY_RIP)
        return true
    }

    /// The address that the next run will begin at, if that has been set and no run has followed:
    /// hypercalls do not tell it.
    func nextProgramCounter() -> UInt64? {
        guard dirty & UInt32(LINUX_HV_DIRTY_RIP) != 0 else { return nil }
        return unsafe mapping.base.load(fromByteOffset: LINUX_HV_PAGE_RIP, as: UInt64.self)
    }
}
