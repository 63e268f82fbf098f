import CLinux
import Linux

/// The pages of a VP that its VMM may map: registers, the intercept's message, and one that only
/// encrypted guests need.
struct SharedPages: ~Copyable {
    private let pages: MemoryMapping
    private static let pageSize = 4096
    private typealias Page = Interface.RegisterPage

    /// - Parameter descriptor: an empty file in memory.
    init(_ descriptor: Int32) throws(Errno) {
        guard ftruncate(descriptor, off_t(3 * Self.pageSize)) == 0 else { throw Errno.current }
        pages = try MemoryMapping.shared(3 * Self.pageSize, with: descriptor)
        var version = Bytes(count: 2)
        version.set(0, UInt16(1))
        write(version, at: Page.version)
    }

    struct Changes {
        let page: Bytes
        let dirty: UInt32
        let isValid: Bool
    }

    /// What a VMM changed since the last run, if anything. While the VP runs, the page is not valid.
    func take() -> Changes? {
        let page = Bytes(Array(UnsafeRawBufferPointer(start: pages.base, count: Page.end)))
        let dirty: UInt32 = page.get(Page.dirty)
        let isValid = page.get(Page.isValid, as: UInt8.self) != 0
        write(Bytes(count: 6), at: Page.isValid)
        return dirty == 0 ? nil : Changes(page: page, dirty: dirty, isValid: isValid)
    }

    /// - Parameter registers: nil for a page that is not valid, and holds anything.
    func publish(_ message: Bytes, _ registers: kvm_regs?) {
        write(message, at: Self.pageSize)
        guard let registers else {
            return write(
                Bytes([UInt8](repeating: 0xA5, count: Page.end - Page.general)), at: Page.general)
        }
        var page = Bytes(count: Page.end - Page.isValid)
        func place(_ offset: Int) -> Int { offset - Page.isValid }
        page.set(place(Page.isValid), UInt8(1))
        for (number, path) in RegisterFile.general.enumerated() {
            page.set(place(Page.general + number * 8), registers[keyPath: path])
        }
        page.set(place(Page.rip), registers.rip)
        page.set(place(Page.rflags), registers.rflags)
        write(page, at: Page.isValid)
    }

    private func write(_ bytes: Bytes, at offset: Int) {
        (pages.base + offset).copyMemory(from: bytes.all, byteCount: bytes.count)
    }
}
