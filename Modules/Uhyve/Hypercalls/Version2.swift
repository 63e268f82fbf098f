import ABI
import CLinux
import GuestFiles
import Linux
import Tender

// The hypercalls of versions 2 and 3 of uhyve's interface. All addresses are physical.
extension Hypercalls {
    func writeFile2(_ address: GuestAddress) throws(TenderError) {
        let block = try parameters(uhyve_v2_file_io.self, of: .fileWrite2, address)
        let result = answer { () throws(Errno) in
            write(
                block.fd,
                try memory.clamped(GuestAddress(block.buf), upTo: block.len, for: .read))
        }
        try store(result, address, UHYVE_V2_FILE_IO_RET_OFFSET)
    }

    func readFile2(_ address: GuestAddress, _ wait: InputWait) throws(TenderError) {
        let block = try parameters(uhyve_v2_file_io.self, of: .fileRead2, address)
        let result = answer { () throws(Errno) in
            read(
                block.fd,
                into: try memory.clamped(GuestAddress(block.buf), upTo: block.len, for: .write),
                wait)
        }
        try store(result, address, UHYVE_V2_FILE_IO_RET_OFFSET)
    }

    func seekFile2(_ address: GuestAddress) throws(TenderError) {
        let block = try parameters(uhyve_v2_file_lseek.self, of: .fileLseek2, address)
        let whence = Int32(bitPattern: block.whence)
        try store(files.seek(block.fd, offset: block.offset, whence: whence), address, 0)
    }

    func writeSerial2(_ address: GuestAddress) throws(TenderError) {
        let block = try parameters(
            uhyve_v2_serial_write_buffer.self, of: .serialWriteBuffer2, address)
        writeSerial(.serialWriteBuffer2, block.buf, block.len)
    }

    /// Reads the bytes available on standard input, without waiting.
    func readSerial2(_ address: GuestAddress, _ wait: InputWait) throws(TenderError) {
        let block = try parameters(
            uhyve_v2_serial_read_buffer.self, of: .serialReadBuffer2, address)
        let result = answer { () throws(Errno) in
            let range = try memory.clamped(
                GuestAddress(block.buf), upTo: block.maxlen, for: .write)
            guard input.isReady else { return 0 as Int64 }
            return read(STDIN_FILENO, into: range, wait)
        }
        try store(UInt64(max(result, 0)), address, UHYVE_V2_SERIAL_READ_BUFFER_LEN_OFFSET)
    }

    // MARK: Version 3

    func listDirectory3(_ address: GuestAddress) throws(TenderError) {
        let block = try parameters(uhyve_v3_getdents.self, of: .getdents3, address)
        let result = answer { () throws(Errno) in
            files.entries(
                block.fd,
                into: try memory.clamped(GuestAddress(block.buf), upTo: block.len, for: .write),
                of: memory)
        }
        if result < 0 {
            try store(Int32(clamping: 0 - result), address, UHYVE_V3_GETDENTS_VALUE_OFFSET)
        } else {
            try store(result, address, UHYVE_V3_GETDENTS_VALUE_OFFSET)
        }
        let tag =
            result > 0
            ? UHYVE_V3_RESULT_SUCCESS
            : result == 0 ? UHYVE_V3_GETDENTS_END : UHYVE_V3_GETDENTS_ERROR
        try store(UInt32(tag), address, UHYVE_V3_GETDENTS_TAG_OFFSET)
    }

    func statFile3(_ address: GuestAddress) throws(TenderError) {
        let block = try parameters(uhyve_v3_file_stat.self, of: .fileStat3, address)
        let result = attributes(to: block.attr) { () throws(Errno) in
            guard block.kind <= UInt32(UHYVE_V3_STAT_NO_FOLLOW) else { throw Errno(EINVAL) }
            return try files.attributes(
                try path(at: block.name),
                followsLinks: block.kind == UInt32(UHYVE_V3_STAT_FOLLOW))
        }
        try storeResult(result, address, UHYVE_V3_FILE_STAT_RESULT_OFFSET)
    }

    func statDescriptor3(_ address: GuestAddress) throws(TenderError) {
        let block = try parameters(uhyve_v3_file_fstat.self, of: .fileFstat3, address)
        let result = attributes(to: block.attr) { () throws(Errno) in
            try files.attributes(of: block.fd)
        }
        try storeResult(result, address, UHYVE_V3_FILE_FSTAT_RESULT_OFFSET)
    }

    private func attributes(
        to address: UInt64, _ find: () throws(Errno) -> FileAttributes
    ) -> Int32 {
        answer { () throws(Errno) in
            let attributes = try find()
            do throws(GuestFault) {
                try attributes.store(at: GuestAddress(address), in: memory)
            } catch {
                throw Errno(EFAULT)
            }
            return 0
        }
    }

    func makeDirectory3(_ address: GuestAddress) throws(TenderError) {
        let block = try parameters(uhyve_v3_mkdir.self, of: .mkdir3, address)
        let result = answer { () throws(Errno) in
            files.makeDirectory(try path(at: block.path, limit: block.len))
        }
        try storeResult(result, address, UHYVE_V3_MKDIR_RESULT_OFFSET)
    }

    /// - Parameter result: 0 or a negative error.
    private func storeResult(
        _ result: Int32, _ address: GuestAddress, _ offset: Int32
    ) throws(TenderError) {
        let tag = result == 0 ? UHYVE_V3_RESULT_SUCCESS : UHYVE_V3_RESULT_ERROR
        try store(0 &- result, address, offset + 4)
        try store(UInt32(tag), address, offset)
    }
}
