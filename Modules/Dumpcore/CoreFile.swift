import Architecture
import Bytes
import Tender

/// The headers and notes of an ELF core file (System V gABI 4 and 5; the kernel's fs/binfmt_elf.c
/// and struct elf_prstatus).
///
/// Guest memory follows, page by page. Further PT_LOAD segments describe ranges that the guest maps
/// at other virtual addresses.
struct CoreFile {
    let header: [UInt8]
    /// The number of pages of guest memory.
    let pageCount: UInt64

    private static let headerSize = 64
    private static let programHeaderSize = 56
    /// Name "CORE", and a struct elf_prstatus.
    private static let noteSize = 12 + 8 + statusSize
    /// A struct elf_prstatus: pr_reg, and pr_fpvalid.
    private static let statusSize = registersOffset + 8 * Registers.coreRegisterCount + 8
    private static let registersOffset = 112
    /// The most mapped ranges in a file; more would not help a reader.
    private static let mostStretches = 64

    /// The largest size of headers and notes, in bytes.
    static func mostHeader(of cpuCount: Int) -> Int {
        headerSize + programHeaderSize * (2 + mostStretches) + noteSize * cpuCount
    }

    /// - Parameter states: the registers of all vCPUs, first those of the one that failed.
    init(_ memory: GuestMemory, _ states: [Registers]) {
        let start = memory.start.value
        let direct = MappedRange(address: start, physical: start, count: memory.count)
        var stretches = [direct]
        if let state = states.first {
            let space = AddressSpace(memory: memory, translation: state.translation)
            // Memory that hypercalls can't name is the tender's own, such as its IDT.
            stretches += space.mappedRanges(upTo: Self.mostStretches).filter {
                $0.address != $0.physical
                    && (try? memory.range(
                        at: GuestAddress($0.physical), count: 1, for: .read)) != nil
            }
        }
        let notes = Self.headerSize + Self.programHeaderSize * (1 + stretches.count)
        let data = notes + Self.noteSize * states.count
        var bytes: [UInt8] = []
        Self.writeHeader(&bytes, segmentCount: 1 + stretches.count)
        Self.writeNoteSegment(&bytes, at: notes, count: Self.noteSize * states.count)
        for stretch in stretches {
            Self.writeSegment(&bytes, stretch, at: UInt64(data) + stretch.physical - start, memory)
        }
        for (index, state) in states.enumerated() {
            // Threads are numbered only if there are several.
            Self.writeStatus(&bytes, state, thread: states.count == 1 ? 0 : UInt32(index + 1))
        }
        header = bytes
        pageCount = memory.count / GuestMemory.pageSize
    }

    private static func writeHeader(_ bytes: inout [UInt8], segmentCount: Int) {
        // ELFCLASS64, ELFDATA2LSB, version 1, ELFOSABI_STANDALONE.
        bytes += [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 255] + [UInt8](repeating: 0, count: 8)
        bytes.append(littleEndian: UInt16(4))
        bytes.append(littleEndian: Registers.elfMachine)
        bytes.append(littleEndian: UInt32(1))
        bytes.append(littleEndian: UInt64(0))
        bytes.append(littleEndian: UInt64(headerSize))
        bytes.append(littleEndian: UInt64(0))
        bytes.append(littleEndian: UInt32(0))
        bytes.append(littleEndian: UInt16(headerSize))
        bytes.append(littleEndian: UInt16(programHeaderSize))
        bytes.append(littleEndian: UInt16(segmentCount))
        // No sections.
        bytes += [UInt8](repeating: 0, count: 6)
    }

    private static func writeNoteSegment(_ bytes: inout [UInt8], at offset: Int, count: Int) {
        bytes.append(littleEndian: UInt32(4))
        bytes.append(littleEndian: UInt32(0))
        bytes.append(littleEndian: UInt64(offset))
        bytes += [UInt8](repeating: 0, count: 16)
        bytes.append(littleEndian: UInt64(count))
        bytes.append(littleEndian: UInt64(count))
        bytes.append(littleEndian: UInt64(0))
    }

    private static func writeSegment(
        _ bytes: inout [UInt8], _ stretch: MappedRange, at offset: UInt64,
        _ memory: GuestMemory
    ) {
        let end = memory.start.value + memory.count
        let count = min(stretch.count, end - stretch.physical)
        bytes.append(littleEndian: UInt32(1))
        bytes.append(littleEndian: UInt32(0))
        bytes.append(littleEndian: offset)
        bytes.append(littleEndian: stretch.address)
        bytes.append(littleEndian: stretch.physical)
        bytes.append(littleEndian: count)
        bytes.append(littleEndian: count)
        bytes.append(littleEndian: UInt64(0))
    }

    private static func writeStatus(
        _ bytes: inout [UInt8], _ state: Registers, thread: UInt32
    ) {
        bytes.append(littleEndian: UInt32(8))
        bytes.append(littleEndian: UInt32(statusSize))
        // NT_PRSTATUS.
        bytes.append(littleEndian: UInt32(1))
        bytes += Array("CORE".utf8) + [0, 0, 0, 0]
        bytes += [UInt8](repeating: 0, count: 32)
        // pr_pid, and zeros up to pr_reg.
        bytes.append(littleEndian: thread)
        bytes += [UInt8](repeating: 0, count: registersOffset - 36)
        for register in state.coreRegisters { bytes.append(littleEndian: register) }
        // pr_fpvalid.
        bytes.append(littleEndian: UInt64(0))
    }
}
