import ABI
import Tender

// The hypercalls of all versions of uhyve's interface, as `abi/uhyve.h` defines them.
extension UhyveManifest {
    public static let hypercalls: [HypercallSpecification] = version1 + version2 + version3

    private static let version1 = [
        HypercallSpecification(
            number: UHYVE_V1_FILE_WRITE, name: "FileWrite",
            argumentSize: MemoryLayout<uhyve_v1_file_write>.size,
            fields: [
                descriptor(at: 0), buffer(at: 4), length(at: 12),
            ]),
        openFile(UHYVE_V1_FILE_OPEN),
        closeFile(UHYVE_V1_FILE_CLOSE),
        HypercallSpecification(
            number: UHYVE_V1_FILE_READ, name: "FileRead",
            argumentSize: MemoryLayout<uhyve_v1_file_read>.size,
            fields: [
                descriptor(at: 0), buffer(at: 4), length(at: 12),
                HypercallField("ret", at: 20, size: 8, .countOrError, .output),
            ]),
        HypercallSpecification(
            number: UHYVE_V1_EXIT, name: "Exit", argumentSize: MemoryLayout<uhyve_v1_exit>.size,
            fields: [HypercallField("code", at: 0, size: 4, .signed)]),
        HypercallSpecification(
            number: UHYVE_V1_FILE_LSEEK, name: "FileLseek",
            argumentSize: MemoryLayout<uhyve_v1_file_lseek>.size,
            fields: [
                descriptor(at: 0), HypercallField("whence", at: 12, size: 4, .signed),
                HypercallField("offset", at: 4, size: 8, .result, .both),
            ]),
        HypercallSpecification(number: UHYVE_V1_NET_WRITE, name: "Netwrite", argumentSize: 0),
        HypercallSpecification(number: UHYVE_V1_NET_READ, name: "Netread", argumentSize: 0),
        HypercallSpecification(number: UHYVE_V1_NET_STAT, name: "Netstat", argumentSize: 0),
        HypercallSpecification(
            number: UHYVE_V1_CMDSIZE, name: "Cmdsize",
            argumentSize: MemoryLayout<uhyve_v1_cmdsize>.size,
            fields: [
                HypercallField("argc", at: 0, size: 4, .signed, .output),
                HypercallField("argsz", at: 4, size: 512, .array, .output),
                HypercallField("envc", at: 516, size: 4, .signed, .output),
                HypercallField("envsz", at: 520, size: 512, .array, .output),
            ]),
        HypercallSpecification(
            number: UHYVE_V1_CMDVAL, name: "Cmdval",
            argumentSize: MemoryLayout<uhyve_v1_cmdval>.size,
            fields: [
                HypercallField("argv", at: 0, size: 8, .address),
                HypercallField("envp", at: 8, size: 8, .address),
            ]),
        HypercallSpecification(
            number: UHYVE_V1_UART, name: "Uart", argumentSize: 0, fields: [byte]),
        unlinkFile(UHYVE_V1_FILE_UNLINK),
        HypercallSpecification(
            number: UHYVE_V1_SERIAL_WRITE_BUFFER, name: "SerialBufferWrite",
            argumentSize: MemoryLayout<uhyve_v1_serial_write_buffer>.size,
            fields: [buffer(at: 0), length(at: 8)]),
    ]

    private static let version2 = [
        HypercallSpecification(
            number: UHYVE_V2_EXIT, name: "Exit", argumentSize: 0,
            fields: [HypercallField("code", at: nil, size: 4, .signed)]),
        HypercallSpecification(
            number: UHYVE_V2_SERIAL_WRITE_BYTE, name: "SerialWriteByte", argumentSize: 0,
            fields: [byte]),
        HypercallSpecification(
            number: UHYVE_V2_SERIAL_WRITE_BUFFER, name: "SerialWriteBuffer",
            argumentSize: MemoryLayout<uhyve_v2_serial_write_buffer>.size,
            fields: [buffer(at: 8), length(at: 0)]),
        HypercallSpecification(
            number: UHYVE_V2_SERIAL_READ_BYTE, name: "SerialReadByte", argumentSize: 0),
        HypercallSpecification(
            number: UHYVE_V2_SERIAL_READ_BUFFER, name: "SerialReadBuffer",
            argumentSize: MemoryLayout<uhyve_v2_serial_read_buffer>.size,
            fields: [
                HypercallField("buf", at: 16, size: 8, .buffer(length: "maxlen")),
                HypercallField("maxlen", at: 0, size: 8),
                HypercallField("len", at: 8, size: 8, .count, .output),
            ]),
        moveBytes(UHYVE_V2_FILE_WRITE, "FileWrite"),
        openFile(UHYVE_V2_FILE_OPEN),
        closeFile(UHYVE_V2_FILE_CLOSE),
        moveBytes(UHYVE_V2_FILE_READ, "FileRead"),
        HypercallSpecification(
            number: UHYVE_V2_FILE_LSEEK, name: "FileLseek",
            argumentSize: MemoryLayout<uhyve_v2_file_lseek>.size,
            fields: [
                descriptor(at: 12), HypercallField("whence", at: 8, size: 4),
                HypercallField("offset", at: 0, size: 8, .result, .both),
            ]),
        unlinkFile(UHYVE_V2_FILE_UNLINK),
    ]

    private static let version3 = [
        HypercallSpecification(
            number: UHYVE_V3_GETDENTS, name: "Getdents",
            argumentSize: MemoryLayout<uhyve_v3_getdents>.size,
            fields: [
                descriptor(at: 0), buffer(at: 8), length(at: 16),
                HypercallField(
                    "result", at: 24, size: 4,
                    .outcome(failure: UInt32(UHYVE_V3_GETDENTS_ERROR), code: 32), .output),
                HypercallField("bytes", at: 32, size: 8, .count, .output),
            ]),
        HypercallSpecification(
            number: UHYVE_V3_FILE_STAT, name: "FileStat",
            argumentSize: MemoryLayout<uhyve_v3_file_stat>.size,
            fields: [
                HypercallField("name", at: 0, size: 8, .string),
                HypercallField("kind", at: 8, size: 4),
                HypercallField("attr", at: 16, size: 8, .address), result(at: 24),
            ]),
        HypercallSpecification(
            number: UHYVE_V3_FILE_FSTAT, name: "FileFstat",
            argumentSize: MemoryLayout<uhyve_v3_file_fstat>.size,
            fields: [
                descriptor(at: 0), HypercallField("attr", at: 8, size: 8, .address), result(at: 16),
            ]),
        HypercallSpecification(
            number: UHYVE_V3_MKDIR, name: "Mkdir", argumentSize: MemoryLayout<uhyve_v3_mkdir>.size,
            fields: [
                HypercallField("path", at: 0, size: 8, .string), length(at: 8), result(at: 16),
            ]),
        HypercallSpecification(
            number: UHYVE_V3_SHARED_MEM_OPEN, name: "SharedMemOpen", argumentSize: 0),
        HypercallSpecification(
            number: UHYVE_V3_SHARED_MEM_CLOSE, name: "SharedMemClose", argumentSize: 0),
    ]

    // MARK: Calls that versions share

    private static func openFile(_ number: Int32) -> HypercallSpecification {
        HypercallSpecification(
            number: number, name: "FileOpen", argumentSize: MemoryLayout<uhyve_file_open>.size,
            fields: [
                HypercallField("name", at: 0, size: 8, .string),
                HypercallField("flags", at: 8, size: 4, .openFlags),
                HypercallField("mode", at: 12, size: 4, .mode),
                HypercallField("ret", at: 16, size: 4, .result, .output),
            ])
    }

    private static func closeFile(_ number: Int32) -> HypercallSpecification {
        HypercallSpecification(
            number: number, name: "FileClose", argumentSize: MemoryLayout<uhyve_file_close>.size,
            fields: [
                descriptor(at: 0), HypercallField("ret", at: 4, size: 4, .result, .output),
            ])
    }

    private static func unlinkFile(_ number: Int32) -> HypercallSpecification {
        HypercallSpecification(
            number: number, name: "FileUnlink", argumentSize: MemoryLayout<uhyve_file_unlink>.size,
            fields: [
                HypercallField("name", at: 0, size: 8, .string),
                HypercallField("ret", at: 8, size: 4, .result, .output),
            ])
    }

    private static func moveBytes(_ number: Int32, _ name: String) -> HypercallSpecification {
        HypercallSpecification(
            number: number, name: name, argumentSize: MemoryLayout<uhyve_v2_file_io>.size,
            fields: [
                descriptor(at: 24), buffer(at: 16), length(at: 0),
                HypercallField("ret", at: 8, size: 8, .countOrError, .output),
            ])
    }

    // MARK: Fields that calls share

    private static func descriptor(at offset: Int) -> HypercallField {
        HypercallField("fd", at: offset, size: 4, .signed)
    }

    private static func buffer(at offset: Int) -> HypercallField {
        HypercallField("buf", at: offset, size: 8, .buffer(length: "len"))
    }

    private static func length(at offset: Int) -> HypercallField {
        HypercallField("len", at: offset, size: 8)
    }

    private static func result(at offset: Int) -> HypercallField {
        HypercallField(
            "result", at: offset, size: 4,
            .outcome(failure: UInt32(UHYVE_V3_RESULT_ERROR), code: offset + 4), .output)
    }

    /// The argument itself: a byte for the console.
    private static let byte = HypercallField("byte", at: nil, size: 1)
}
