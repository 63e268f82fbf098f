import Architecture
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
        var bytes = ByteWriter()
        Self.writeHeader(&bytes, segmentCount: 1 + stretches.count)
        Self.writeNoteSegment(&bytes, at: notes, count: Self.noteSize * states.count)
        for stretch in stretches {
            Self.writeSegment(&bytes, stretch, at: UInt64(data) + stretch.physical - start, memory)
        }
        for (index, state) in states.enumerated() {
            // Threads are numbered only if there are several.
            Self.writeStatus(&bytes, state, thread: states.count == 1 ? 0 : UInt32(index + 1))
        }
        header = bytes.bytes
        pageCount = memory.count / GuestMemory.pageSize
    }

    private static func writeHeader(_ bytes: inout ByteWriter, segmentCount: Int) {
        // ELFCLASS64, ELFDATA2LSB, version 1, ELFOSABI_STANDALONE.
        bytes.append([0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 255] + [UInt8](repeating: 0, count: 8))
        bytes.append(UInt16(4))
        bytes.append(Registers.elfMachine)
        bytes.append(UInt32(1))
        bytes.append(UInt64(0))
        bytes.append(UInt64(headerSize))
        bytes.append(UInt64(0))
        bytes.append(UInt32(0))
        bytes.append(UInt16(headerSize))
        bytes.append(UInt16(programHeaderSize))
        bytes.append(UInt16(segmentCount))
        // No sections.
        bytes.append([UInt8](repeating: 0, count: 6))
    }

    private static func writeNoteSegment(_ bytes: inout ByteWriter, at offset: Int, count: Int) {
        bytes.append(UInt32(4))
        bytes.append(UInt32(0))
        bytes.append(UInt64(offset))
        bytes.append([UInt8](repeating: 0, count: 16))
        bytes.append(UInt64(count))
        bytes.append(UInt64(count))
        bytes.append(UInt64(0))
    }

    private static func writeSegment(
        _ bytes: inout ByteWriter, _ stretch: MappedRange, at offset: UInt64,
        _ memory: GuestMemory
    ) {
        let end = memory.start.value + memory.count
        let count = min(stretch.count, end - stretch.physical)
        bytes.append(UInt32(1))
        bytes.append(UInt32(0))
        bytes.append(offset)
        bytes.append(stretch.address)
        bytes.append(stretch.physical)
        bytes.append(count)
        bytes.append(count)
        bytes.append(UInt64(0))
    }

    private static func writeStatus(
        _ bytes: inout ByteWriter, _ state: Registers, thread: UInt32
    ) {
        bytes.append(UInt32(8))
        bytes.append(UInt32(statusSize))
        // NT_PRSTATUS.
        bytes.append(UInt32(1))
        bytes.append(Array("CORE".utf8) + [0, 0, 0, 0])
        bytes.append([UInt8](repeating: 0, count: 32))
        // pr_pid, and zeros up to pr_reg.
        bytes.append(thread)
        bytes.append([UInt8](repeating: 0, count: registersOffset - 36))
        for register in state.coreRegisters { bytes.append(register) }
        // pr_fpvalid.
        bytes.append(UInt64(0))
    }
}

/// Appends values as little-endian bytes.
private struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ more: [UInt8]) {
        bytes += more
    }

    mutating func append(_ value: some FixedWidthInteger) {
        for byte in 0..<value.bitWidth / 8 {
            bytes.append(UInt8(truncatingIfNeeded: value >> (byte * 8)))
        }
    }
}
