import ABI
import Manifests
import Tender
import Testing

/// The fields of hypercalls' arguments are those of the structs in `abi/`.
@Suite struct FieldTests {
    private static let calls = ModuleManifest.all.flatMap { $0.hypercalls }

    /// A part of a C struct.
    private struct Member {
        let offset: Int?
        let size: Int
    }

    private static func member<Struct, Value>(_ path: KeyPath<Struct, Value>) -> Member {
        Member(offset: MemoryLayout<Struct>.offset(of: path), size: MemoryLayout<Value>.size)
    }

    /// The call has just these fields, but for what is reserved.
    private func expect(
        _ numbers: Int32..., size: Int, _ members: [String: Member],
        at location: SourceLocation = #_sourceLocation
    ) throws {
        for number in numbers {
            let call = try #require(Self.calls.first { $0.number == number })
            #expect(call.argumentSize == size, "\(call.name)", sourceLocation: location)
            #expect(
                Set(call.fields.map(\.name)) == Set(members.keys), "\(call.name)",
                sourceLocation: location)
            for field in call.fields {
                let member = try #require(members[field.name], sourceLocation: location)
                #expect(field.offset != nil && field.offset == member.offset, "\(field.name)")
                #expect(field.size == member.size, "\(field.name)", sourceLocation: location)
            }
        }
    }

    @Test func `hvt's`() throws {
        try expect(
            HVT_HYPERCALL_WALLTIME, size: MemoryLayout<hvt_walltime>.size,
            ["nsecs": Self.member(\hvt_walltime.nsecs)])
        try expect(
            HVT_HYPERCALL_PUTS, size: MemoryLayout<hvt_puts>.size,
            ["data": Self.member(\hvt_puts.data), "len": Self.member(\hvt_puts.len)])
        try expect(
            HVT_HYPERCALL_POLL, size: MemoryLayout<hvt_poll>.size,
            [
                "timeout": Self.member(\hvt_poll.timeout_nsecs),
                "set": Self.member(\hvt_poll.ready_set), "ready": Self.member(\hvt_poll.result),
            ])
        try expect(
            HVT_HYPERCALL_BLOCK_WRITE, HVT_HYPERCALL_BLOCK_READ,
            size: MemoryLayout<hvt_block_io>.size,
            [
                "handle": Self.member(\hvt_block_io.handle),
                "offset": Self.member(\hvt_block_io.offset),
                "data": Self.member(\hvt_block_io.data), "len": Self.member(\hvt_block_io.len),
                "result": Self.member(\hvt_block_io.result),
            ])
        try expect(
            HVT_HYPERCALL_NET_WRITE, HVT_HYPERCALL_NET_READ, size: MemoryLayout<hvt_net_io>.size,
            [
                "handle": Self.member(\hvt_net_io.handle), "data": Self.member(\hvt_net_io.data),
                "len": Self.member(\hvt_net_io.len), "result": Self.member(\hvt_net_io.result),
            ])
        try expect(
            HVT_HYPERCALL_HALT, size: MemoryLayout<hvt_halt>.size,
            [
                "cookie": Self.member(\hvt_halt.cookie),
                "exit_status": Self.member(\hvt_halt.exit_status),
            ])
    }

    @Test func `version 1's of Hermit's interface`() throws {
        try expect(
            UHYVE_V1_FILE_WRITE, size: MemoryLayout<uhyve_v1_file_write>.size,
            [
                "fd": Self.member(\uhyve_v1_file_write.fd),
                "buf": Self.member(\uhyve_v1_file_write.buf),
                "len": Self.member(\uhyve_v1_file_write.len),
            ])
        try expect(
            UHYVE_V1_FILE_READ, size: MemoryLayout<uhyve_v1_file_read>.size,
            [
                "fd": Self.member(\uhyve_v1_file_read.fd),
                "buf": Self.member(\uhyve_v1_file_read.buf),
                "len": Self.member(\uhyve_v1_file_read.len),
                "ret": Self.member(\uhyve_v1_file_read.ret),
            ])
        try expect(
            UHYVE_V1_FILE_OPEN, UHYVE_V2_FILE_OPEN, size: MemoryLayout<uhyve_file_open>.size,
            [
                "name": Self.member(\uhyve_file_open.name),
                "flags": Self.member(\uhyve_file_open.flags),
                "mode": Self.member(\uhyve_file_open.mode),
                "ret": Self.member(\uhyve_file_open.ret),
            ])
        try expect(
            UHYVE_V1_FILE_CLOSE, UHYVE_V2_FILE_CLOSE, size: MemoryLayout<uhyve_file_close>.size,
            [
                "fd": Self.member(\uhyve_file_close.fd),
                "ret": Self.member(\uhyve_file_close.ret),
            ])
        try expect(
            UHYVE_V1_FILE_LSEEK, size: MemoryLayout<uhyve_v1_file_lseek>.size,
            [
                "fd": Self.member(\uhyve_v1_file_lseek.fd),
                "offset": Self.member(\uhyve_v1_file_lseek.offset),
                "whence": Self.member(\uhyve_v1_file_lseek.whence),
            ])
        try expect(
            UHYVE_V1_FILE_UNLINK, UHYVE_V2_FILE_UNLINK, size: MemoryLayout<uhyve_file_unlink>.size,
            [
                "name": Self.member(\uhyve_file_unlink.name),
                "ret": Self.member(\uhyve_file_unlink.ret),
            ])
        try expect(
            UHYVE_V1_EXIT, size: MemoryLayout<uhyve_v1_exit>.size,
            ["code": Self.member(\uhyve_v1_exit.code)])
        try expect(
            UHYVE_V1_SERIAL_WRITE_BUFFER, size: MemoryLayout<uhyve_v1_serial_write_buffer>.size,
            [
                "buf": Self.member(\uhyve_v1_serial_write_buffer.buf),
                "len": Self.member(\uhyve_v1_serial_write_buffer.len),
            ])
        try expect(
            UHYVE_V1_CMDSIZE, size: MemoryLayout<uhyve_v1_cmdsize>.size,
            [
                "argc": Self.member(\uhyve_v1_cmdsize.argc),
                "argsz": Self.member(\uhyve_v1_cmdsize.argsz),
                "envc": Self.member(\uhyve_v1_cmdsize.envc),
                "envsz": Self.member(\uhyve_v1_cmdsize.envsz),
            ])
        try expect(
            UHYVE_V1_CMDVAL, size: MemoryLayout<uhyve_v1_cmdval>.size,
            [
                "argv": Self.member(\uhyve_v1_cmdval.argv),
                "envp": Self.member(\uhyve_v1_cmdval.envp),
            ])
    }

    @Test func `versions 2 and 3's of Hermit's interface`() throws {
        try expect(
            UHYVE_V2_FILE_WRITE, UHYVE_V2_FILE_READ, size: MemoryLayout<uhyve_v2_file_io>.size,
            [
                "len": Self.member(\uhyve_v2_file_io.len),
                "ret": Self.member(\uhyve_v2_file_io.ret),
                "buf": Self.member(\uhyve_v2_file_io.buf), "fd": Self.member(\uhyve_v2_file_io.fd),
            ])
        try expect(
            UHYVE_V2_FILE_LSEEK, size: MemoryLayout<uhyve_v2_file_lseek>.size,
            [
                "offset": Self.member(\uhyve_v2_file_lseek.offset),
                "whence": Self.member(\uhyve_v2_file_lseek.whence),
                "fd": Self.member(\uhyve_v2_file_lseek.fd),
            ])
        try expect(
            UHYVE_V2_SERIAL_WRITE_BUFFER, size: MemoryLayout<uhyve_v2_serial_write_buffer>.size,
            [
                "len": Self.member(\uhyve_v2_serial_write_buffer.len),
                "buf": Self.member(\uhyve_v2_serial_write_buffer.buf),
            ])
        try expect(
            UHYVE_V2_SERIAL_READ_BUFFER, size: MemoryLayout<uhyve_v2_serial_read_buffer>.size,
            [
                "maxlen": Self.member(\uhyve_v2_serial_read_buffer.maxlen),
                "len": Self.member(\uhyve_v2_serial_read_buffer.len),
                "buf": Self.member(\uhyve_v2_serial_read_buffer.buf),
            ])
        try expect(
            UHYVE_V3_GETDENTS, size: MemoryLayout<uhyve_v3_getdents>.size,
            [
                "fd": Self.member(\uhyve_v3_getdents.fd),
                "buf": Self.member(\uhyve_v3_getdents.buf),
                "len": Self.member(\uhyve_v3_getdents.len),
                "result": Self.member(\uhyve_v3_getdents.result.tag),
                "bytes": Self.member(\uhyve_v3_getdents.result.value),
            ])
        try expect(
            UHYVE_V3_FILE_STAT, size: MemoryLayout<uhyve_v3_file_stat>.size,
            [
                "name": Self.member(\uhyve_v3_file_stat.name),
                "kind": Self.member(\uhyve_v3_file_stat.kind),
                "attr": Self.member(\uhyve_v3_file_stat.attr),
                "result": Self.member(\uhyve_v3_file_stat.result.tag),
            ])
        try expect(
            UHYVE_V3_FILE_FSTAT, size: MemoryLayout<uhyve_v3_file_fstat>.size,
            [
                "fd": Self.member(\uhyve_v3_file_fstat.fd),
                "attr": Self.member(\uhyve_v3_file_fstat.attr),
                "result": Self.member(\uhyve_v3_file_fstat.result.tag),
            ])
        try expect(
            UHYVE_V3_MKDIR, size: MemoryLayout<uhyve_v3_mkdir>.size,
            [
                "path": Self.member(\uhyve_v3_mkdir.path), "len": Self.member(\uhyve_v3_mkdir.len),
                "result": Self.member(\uhyve_v3_mkdir.result.tag),
            ])
    }

    @Test func `where the number of an error is`() {
        for call in Self.calls {
            for case .outcome(let failure, let code) in call.fields.map(\.meaning) {
                let isList = call.number == UHYVE_V3_GETDENTS
                #expect(failure == UInt32(isList ? UHYVE_V3_GETDENTS_ERROR : UHYVE_V3_RESULT_ERROR))
                let tag = call.fields.first { $0.name == "result" }?.offset
                let error =
                    isList
                    ? MemoryLayout<uhyve_v3_getdents>.offset(of: \.result.value)
                    : tag.map { $0 + MemoryLayout<uhyve_v3_result>.offset(of: \.error)! }
                #expect(code == error)
            }
        }
    }

    @Test func `an argument is a struct, a value or nothing`() {
        for call in Self.calls {
            let values = call.fields.filter { $0.offset == nil }
            #expect(values.isEmpty || (call.fields.count == 1 && call.argumentSize == 0))
            // Besides those that no guest makes any more, or that nothing is known of.
            let isUnused =
                ["Netwrite", "Netread", "Netstat", "SerialReadByte", "SharedMemOpen"]
                .contains(call.name) || call.name == "SharedMemClose"
            #expect(call.fields.isEmpty == isUnused, "\(call.name)")
        }
    }

    @Test func `fields lie within the argument, beside each other`() {
        for call in Self.calls {
            let fields = call.fields.filter { $0.offset != nil }
                .sorted { ($0.offset ?? 0) < ($1.offset ?? 0) }
            var end = 0
            for field in fields {
                #expect((field.offset ?? -1) >= end, "\(call.name): \(field.name)")
                end = (field.offset ?? 0) + field.size
            }
            #expect(end <= call.argumentSize, "\(call.name)")
            #expect(Set(call.fields.map(\.name)).count == call.fields.count, "\(call.name)")
        }
    }

    @Test func `buffers have a length that the guest gives`() {
        for call in Self.calls {
            for field in call.fields {
                guard let name = field.length else { continue }
                let length = call.fields.first { $0.name == name }
                #expect(length?.meaning == .number && length?.size == 8, "\(call.name)")
                #expect(length?.direction != .output, "\(call.name)")
            }
        }
    }
}
