import Architecture
import CLinux
import Hypervisor
import Linux
import Tender

/// Guest memory as a debugger sees it: by virtual addresses, with the original bytes in place of
/// software breakpoints.
///
/// Used by one thread at a time, while the guest is stopped.
final class PatchedMemory {
    /// One byte of a breakpoint.
    private struct Patch {
        /// The virtual address: that of the first byte is the breakpoint's, as the debugger gave it.
        let address: UInt64
        let physical: UInt64
        /// The number of the byte in the breakpoint.
        let index: Int
        /// The byte that the breakpoint replaces; reads return it.
        var original: UInt8

        /// What is in memory instead.
        var instruction: UInt8 { PatchedMemory.instruction[index] }
    }

    private let memory: GuestMemory
    private let window: MemoryWindow
    private var patches: [Patch] = []

    /// A limit, because breakpoints are searched linearly.
    static let mostBreakpoints = 1024
    private static let instruction = Breakpoint.instruction

    init(_ memory: GuestMemory, _ window: MemoryWindow) {
        self.memory = memory
        self.window = window
    }

    // MARK: Bytes

    /// Reads up to `count` bytes, fewer if the rest is not mapped.
    ///
    /// - Throws: EFAULT if the first byte is not mapped.
    func read(
        at address: UInt64, count: Int, as state: Registers
    ) throws(Errno) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            do throws(Errno) {
                let (start, length) = try physical(
                    address &+ UInt64(bytes.count), upTo: count - bytes.count, state)
                var part = try window.read(at: start, count: length, of: memory)
                for patch in patches where patch.index == 0 {
                    let (offset, isBelow) = patch.physical.subtractingReportingOverflow(start)
                    if !isBelow, offset < UInt64(part.count) { part[Int(offset)] = patch.original }
                }
                bytes += part
                if part.count < length { break }
            } catch {
                if bytes.isEmpty { throw error }
                break
            }
        }
        return bytes
    }

    /// - Throws: EFAULT if part of the range is not mapped; the bytes before that part are written.
    func write(
        _ bytes: [UInt8], at address: UInt64, as state: Registers
    ) throws(Errno) {
        var written = 0
        while written < bytes.count {
            let (start, length) = try physical(
                address &+ UInt64(written), upTo: bytes.count - written, state)
            var part = Array(bytes[written..<written + length])
            var isPatched: [(patch: Int, byte: UInt8)] = []
            for (index, patch) in patches.enumerated() {
                let (offset, isBelow) = patch.physical.subtractingReportingOverflow(start)
                guard !isBelow, offset < UInt64(length) else { continue }
                isPatched.append((index, part[Int(offset)]))
                part[Int(offset)] = patch.instruction
            }
            try window.write(part, at: start, of: memory)
            for (index, byte) in isPatched { patches[index].original = byte }
            written += length
        }
    }

    /// Translates a virtual address to a physical one, with the number of bytes, at most `count`,
    /// that are contiguous there.
    private func physical(
        _ address: UInt64, upTo count: Int, _ state: Registers
    ) throws(Errno) -> (UInt64, Int) {
        let space = AddressSpace(memory: memory, translation: state.translation, window: window)
        let start = try space.physical(address)
        return (start.address, Int(min(start.count, UInt64(count))))
    }

    // MARK: Breakpoints

    var hasBreakpoints: Bool { !patches.isEmpty }

    /// Whether a breakpoint is set at this virtual address.
    func hasBreakpoint(at address: UInt64) -> Bool {
        patches.contains { $0.address == address && $0.index == 0 }
    }

    func plant(at address: UInt64, as state: Registers) throws(Errno) {
        guard !hasBreakpoint(at: address) else { return }
        let size = Self.instruction.count
        guard patches.count / size < Self.mostBreakpoints else { throw Errno(ENOSPC) }
        let (start, length) = try physical(address, upTo: size, state)
        // The same bytes may have one at another virtual address; `read` returns the original.
        let original = try read(at: address, count: size, as: state)
        // Instructions lie in one page.
        guard length == size, original.count == size else { throw Errno(EFAULT) }
        try window.write(Self.instruction, at: start, of: memory)
        for (index, byte) in original.enumerated() {
            patches.append(
                Patch(
                    address: address &+ UInt64(index), physical: start + UInt64(index),
                    index: index, original: byte))
        }
    }

    /// Removes the breakpoint at this virtual address, if there is one.
    func unplant(at address: UInt64) throws(Errno) {
        for byte in Self.instruction.indices { try unplant(byte, of: address) }
    }

    private func unplant(_ byte: Int, of address: UInt64) throws(Errno) {
        guard
            let index = patches.firstIndex(where: {
                $0.index == byte && $0.address == address &+ UInt64(byte)
            })
        else { return }
        let patch = patches.remove(at: index)
        guard !patches.contains(where: { $0.physical == patch.physical }) else { return }
        // A guest that has written other code there has overwritten the breakpoint.
        let present = try window.read(at: patch.physical, count: 1, of: memory)
        guard present == [patch.instruction] else { return }
        try window.write([patch.original], at: patch.physical, of: memory)
    }

    /// Removes all breakpoints from guest memory.
    func unplantAll() {
        for patch in patches where patch.index == 0 {
            // This can't fail: the memory was present when the breakpoint was set, and stays.
            try? unplant(at: patch.address)
        }
    }
}
