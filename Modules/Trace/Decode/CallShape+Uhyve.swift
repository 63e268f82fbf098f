import ABI

extension CallShape {
    /// The hypercalls of Hermit guests, as `abi/uhyve.h` has them.
    static func uhyve(_ port: Int32) -> CallShape? {
        switch port {
        case UHYVE_V1_EXIT: CallShape(fields: [.signed("code", 0)])
        case UHYVE_V2_EXIT: CallShape(value: ("code", .signed))
        case UHYVE_V1_UART: CallShape(amount: .one, value: ("byte", .number))
        case UHYVE_V2_SERIAL_WRITE_BYTE: CallShape(amount: .one, value: ("byte", .number))
        case UHYVE_V1_SERIAL_WRITE_BUFFER:
            CallShape(fields: [.address("buf", 0), .number("len", 8)], amount: .word(8))
        case UHYVE_V2_SERIAL_WRITE_BUFFER:
            CallShape(fields: [.address("buf", 8), .number("len", 0)], amount: .word(0))
        case UHYVE_V2_SERIAL_READ_BUFFER:
            CallShape(
                fields: [
                    .address("buf", 16), .number("maxlen", 0),
                    .result("len", UHYVE_V2_SERIAL_READ_BUFFER_LEN_OFFSET, 8, .number),
                ],
                amount: .word(Int(UHYVE_V2_SERIAL_READ_BUFFER_LEN_OFFSET)))
        case UHYVE_V1_CMDSIZE: CallShape(fields: [.result("argc", 0, 4, .signed)])
        case UHYVE_V1_CMDVAL: CallShape(fields: [.address("argv", 0), .address("envp", 8)])
        default: files1(port) ?? files2(port) ?? directories(port)
        }
    }

    private static func files1(_ port: Int32) -> CallShape? {
        switch port {
        case UHYVE_V1_FILE_WRITE:
            CallShape(
                fields: [.signed("fd", 0), .address("buf", 4), .number("len", 12)],
                amount: .word(12))
        case UHYVE_V1_FILE_READ:
            CallShape(
                fields: [
                    .signed("fd", 0), .address("buf", 4), .number("len", 12),
                    .result("ret", UHYVE_V1_FILE_READ_RET_OFFSET, 8, .signed),
                ],
                check: .signed(offset: Int(UHYVE_V1_FILE_READ_RET_OFFSET), width: 8),
                amount: .result(Int(UHYVE_V1_FILE_READ_RET_OFFSET)))
        case UHYVE_V1_FILE_LSEEK:
            CallShape(
                fields: [
                    .signed("fd", 0), .signed("whence", 12),
                    .result("offset", UHYVE_V1_FILE_LSEEK_OFFSET_OFFSET, 8, .signed),
                ],
                check: .signed(offset: Int(UHYVE_V1_FILE_LSEEK_OFFSET_OFFSET), width: 8))
        case UHYVE_V1_FILE_OPEN, UHYVE_V2_FILE_OPEN:
            CallShape(
                fields: [
                    .address("name", 0),
                    Field(name: "flags", offset: 8, width: 4, meaning: .openFlags),
                    Field(name: "mode", offset: 12, width: 4, meaning: .octal),
                    .result("ret", UHYVE_FILE_OPEN_RET_OFFSET, 4, .signed),
                ],
                check: .signed(offset: Int(UHYVE_FILE_OPEN_RET_OFFSET), width: 4))
        case UHYVE_V1_FILE_CLOSE, UHYVE_V2_FILE_CLOSE:
            CallShape(
                fields: [
                    .signed("fd", 0), .result("ret", UHYVE_FILE_CLOSE_RET_OFFSET, 4, .signed),
                ],
                check: .signed(offset: Int(UHYVE_FILE_CLOSE_RET_OFFSET), width: 4))
        case UHYVE_V1_FILE_UNLINK, UHYVE_V2_FILE_UNLINK:
            CallShape(
                fields: [
                    .address("name", 0), .result("ret", UHYVE_FILE_UNLINK_RET_OFFSET, 4, .signed),
                ],
                check: .signed(offset: Int(UHYVE_FILE_UNLINK_RET_OFFSET), width: 4))
        default: nil
        }
    }

    private static func files2(_ port: Int32) -> CallShape? {
        switch port {
        case UHYVE_V2_FILE_WRITE, UHYVE_V2_FILE_READ:
            CallShape(
                fields: [
                    .signed("fd", 24), .address("buf", 16), .number("len", 0),
                    .result("ret", UHYVE_V2_FILE_IO_RET_OFFSET, 8, .signed),
                ],
                check: .signed(offset: Int(UHYVE_V2_FILE_IO_RET_OFFSET), width: 8),
                amount: .result(Int(UHYVE_V2_FILE_IO_RET_OFFSET)))
        case UHYVE_V2_FILE_LSEEK:
            CallShape(
                fields: [
                    .signed("fd", 12), .number("whence", 8, 4), .result("offset", 0, 8, .signed),
                ],
                check: .signed(offset: 0, width: 8))
        default: nil
        }
    }

    private static func directories(_ port: Int32) -> CallShape? {
        let error = UInt64(UHYVE_V3_RESULT_ERROR)
        switch port {
        case UHYVE_V3_GETDENTS:
            return CallShape(
                fields: [
                    .signed("fd", 0), .address("buf", 8), .number("len", 16),
                    .result("bytes", UHYVE_V3_GETDENTS_VALUE_OFFSET, 8, .number),
                ],
                check: .tag(
                    Int(UHYVE_V3_GETDENTS_TAG_OFFSET), error: UInt64(UHYVE_V3_GETDENTS_ERROR),
                    code: Int(UHYVE_V3_GETDENTS_VALUE_OFFSET)),
                amount: .result(Int(UHYVE_V3_GETDENTS_VALUE_OFFSET)))
        case UHYVE_V3_FILE_STAT:
            let offset = Int(UHYVE_V3_FILE_STAT_RESULT_OFFSET)
            return CallShape(
                fields: [
                    .address("name", 0), .number("kind", 8, 4), .address("attr", 16),
                    .result("result", offset, 4, .outcome),
                ],
                check: .tag(offset, error: error, code: offset + 4))
        case UHYVE_V3_FILE_FSTAT:
            let offset = Int(UHYVE_V3_FILE_FSTAT_RESULT_OFFSET)
            return CallShape(
                fields: [
                    .signed("fd", 0), .address("attr", 8), .result("result", offset, 4, .outcome),
                ],
                check: .tag(offset, error: error, code: offset + 4))
        case UHYVE_V3_MKDIR:
            let offset = Int(UHYVE_V3_MKDIR_RESULT_OFFSET)
            return CallShape(
                fields: [
                    .address("path", 0), .number("len", 8), .result("result", offset, 4, .outcome),
                ],
                check: .tag(offset, error: error, code: offset + 4))
        default: return nil
        }
    }
}
