import ABI
import Tender

/// A hypercall of one of the interface's versions (spec 7.1, 7.2).
enum Call: UInt8, CaseIterable, Sendable {
    // Version 1.
    case fileWrite1, fileOpen1, fileClose1, fileRead1, exit1, fileLseek1, netWrite1, netRead1
    case netStat1, cmdsize1, cmdval1, uart1, fileUnlink1, serialWriteBuffer1
    // Version 2.
    case exit2, serialWriteByte2, serialWriteBuffer2, serialReadByte2, serialReadBuffer2
    case fileWrite2, fileOpen2, fileClose2, fileRead2, fileLseek2, fileUnlink2
    // Version 3.
    case getdents3, fileStat3, fileFstat3, mkdir3, sharedMemOpen3, sharedMemClose3

    /// The port, the name in the interface, and the size of the argument struct in bytes.
    var facts: (port: Int32, name: String, argumentSize: Int) {
        switch self {
        case .fileWrite1:
            (UHYVE_V1_FILE_WRITE, "FileWrite", MemoryLayout<uhyve_v1_file_write>.size)
        case .fileOpen1: (UHYVE_V1_FILE_OPEN, "FileOpen", MemoryLayout<uhyve_file_open>.size)
        case .fileClose1: (UHYVE_V1_FILE_CLOSE, "FileClose", MemoryLayout<uhyve_file_close>.size)
        case .fileRead1: (UHYVE_V1_FILE_READ, "FileRead", MemoryLayout<uhyve_v1_file_read>.size)
        case .exit1: (UHYVE_V1_EXIT, "Exit", MemoryLayout<uhyve_v1_exit>.size)
        case .fileLseek1:
            (UHYVE_V1_FILE_LSEEK, "FileLseek", MemoryLayout<uhyve_v1_file_lseek>.size)
        case .netWrite1: (UHYVE_V1_NET_WRITE, "Netwrite", 0)
        case .netRead1: (UHYVE_V1_NET_READ, "Netread", 0)
        case .netStat1: (UHYVE_V1_NET_STAT, "Netstat", 0)
        case .cmdsize1: (UHYVE_V1_CMDSIZE, "Cmdsize", MemoryLayout<uhyve_v1_cmdsize>.size)
        case .cmdval1: (UHYVE_V1_CMDVAL, "Cmdval", MemoryLayout<uhyve_v1_cmdval>.size)
        case .uart1: (UHYVE_V1_UART, "Uart", 0)
        case .fileUnlink1:
            (UHYVE_V1_FILE_UNLINK, "FileUnlink", MemoryLayout<uhyve_file_unlink>.size)
        case .serialWriteBuffer1:
            (
                UHYVE_V1_SERIAL_WRITE_BUFFER, "SerialBufferWrite",
                MemoryLayout<uhyve_v1_serial_write_buffer>.size
            )
        case .exit2: (UHYVE_V2_EXIT, "Exit", 0)
        case .serialWriteByte2: (UHYVE_V2_SERIAL_WRITE_BYTE, "SerialWriteByte", 0)
        case .serialWriteBuffer2:
            (
                UHYVE_V2_SERIAL_WRITE_BUFFER, "SerialWriteBuffer",
                MemoryLayout<uhyve_v2_serial_write_buffer>.size
            )
        case .serialReadByte2: (UHYVE_V2_SERIAL_READ_BYTE, "SerialReadByte", 0)
        case .serialReadBuffer2:
            (
                UHYVE_V2_SERIAL_READ_BUFFER, "SerialReadBuffer",
                MemoryLayout<uhyve_v2_serial_read_buffer>.size
            )
        case .fileWrite2: (UHYVE_V2_FILE_WRITE, "FileWrite", MemoryLayout<uhyve_v2_file_io>.size)
        case .fileOpen2: (UHYVE_V2_FILE_OPEN, "FileOpen", MemoryLayout<uhyve_file_open>.size)
        case .fileClose2: (UHYVE_V2_FILE_CLOSE, "FileClose", MemoryLayout<uhyve_file_close>.size)
        case .fileRead2: (UHYVE_V2_FILE_READ, "FileRead", MemoryLayout<uhyve_v2_file_io>.size)
        case .fileLseek2:
            (UHYVE_V2_FILE_LSEEK, "FileLseek", MemoryLayout<uhyve_v2_file_lseek>.size)
        case .fileUnlink2:
            (UHYVE_V2_FILE_UNLINK, "FileUnlink", MemoryLayout<uhyve_file_unlink>.size)
        case .getdents3: (UHYVE_V3_GETDENTS, "Getdents", MemoryLayout<uhyve_v3_getdents>.size)
        case .fileStat3: (UHYVE_V3_FILE_STAT, "FileStat", MemoryLayout<uhyve_v3_file_stat>.size)
        case .fileFstat3:
            (UHYVE_V3_FILE_FSTAT, "FileFstat", MemoryLayout<uhyve_v3_file_fstat>.size)
        case .mkdir3: (UHYVE_V3_MKDIR, "Mkdir", MemoryLayout<uhyve_v3_mkdir>.size)
        case .sharedMemOpen3: (UHYVE_V3_SHARED_MEM_OPEN, "SharedMemOpen", 0)
        case .sharedMemClose3: (UHYVE_V3_SHARED_MEM_CLOSE, "SharedMemClose", 0)
        }
    }

    /// Whether the argument, or where it lies, is in a register of the guest's rather than the
    /// value that it writes.
    @inline(__always)
    var isArgumentInRegister: Bool { rawValue >= Self.exit2.rawValue }

    /// For messages.
    var text: String { "\(facts.name) (port \(hexadecimal(UInt64(clamping: facts.port))))" }
}

/// Which port makes which call. All ports are multiples of 16.
struct PortTable: Sendable {
    private var calls: [Call?]

    init() {
        let most = Call.allCases.reduce(0) { max($0, Int($1.facts.port)) }
        calls = [Call?](repeating: nil, count: most / 16 + 1)
        for call in Call.allCases { calls[Int(call.facts.port) / 16] = call }
    }

    @inline(__always)
    subscript(port: UInt16) -> Call? {
        let index = Int(port >> 4)
        guard port & 15 == 0, index < calls.count else { return nil }
        return calls[index]
    }
}
