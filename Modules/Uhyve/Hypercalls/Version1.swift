import ABI
import Architecture
import CLinux
import GuestFiles
import Hypervisor
import Linux
import Tender

// The hypercalls of version 1 of uhyve's interface. File buffers are at virtual addresses.
extension Hypercalls {
    /// FileWrite has no result, so errors are not reported to the guest.
    func writeFile1(
        _ address: GuestAddress, _ translation: () throws(TenderError) -> AddressTranslation
    ) throws(TenderError) {
        let block = try parameters(uhyve_v1_file_write.self, of: .fileWrite1, address)
        let space = AddressSpace(memory: memory, translation: try translation())
        _ = transfer(block.buf, block.len, in: space, for: .read, isInterruptible: false) { range in
            write(block.fd, range)
        }
    }

    func readFile1(
        _ address: GuestAddress, _ wait: InputWait,
        _ translation: () throws(TenderError) -> AddressTranslation
    ) throws(TenderError) {
        let block = try parameters(uhyve_v1_file_read.self, of: .fileRead1, address)
        let space = AddressSpace(memory: memory, translation: try translation())
        // Standard input may have no more bytes for now: a short read must not wait for the rest.
        let isStream = block.fd == STDIN_FILENO
        let result = transfer(
            block.buf, block.len, in: space, for: .write, isInterruptible: isStream
        ) { range in
            read(block.fd, into: range, wait)
        }
        try store(result, address, UHYVE_V1_FILE_READ_RET_OFFSET)
    }

    /// Calls `body` for each physically contiguous piece of a buffer, until a piece is not moved as
    /// a whole.
    ///
    /// - Parameter isInterruptible: whether to stop after the first piece.
    /// - Returns: the number of bytes; a negative error only if no bytes were moved.
    private func transfer(
        _ buffer: UInt64, _ count: UInt64, in space: AddressSpace<AddressTranslation>,
        for access: GuestMemory.Access, isInterruptible: Bool, _ body: (GuestRange) -> Int64
    ) -> Int64 {
        answer { () throws(Errno) in
            guard count <= UInt64(Int64.max) else { throw Errno(EINVAL) }
            guard count > 0 else {
                return body(try memory.clamped(memory.start, upTo: 0, for: access))
            }
            var done: UInt64 = 0
            while done < count {
                let (next, overflow) = buffer.addingReportingOverflow(done)
                let piece: GuestRange
                do throws(Errno) {
                    guard !overflow else { throw Errno(EFAULT) }
                    piece = try space.piece(at: next, upTo: count - done, for: access)
                } catch {
                    guard done > 0 else { throw error }
                    break
                }
                let result = body(piece)
                guard result >= 0 else { return done > 0 ? Int64(done) : result }
                done += UInt64(result)
                if result < piece.count || isInterruptible { break }
            }
            return Int64(done)
        }
    }

    func seekFile1(_ address: GuestAddress) throws(TenderError) {
        let block = try parameters(uhyve_v1_file_lseek.self, of: .fileLseek1, address)
        let position = files.seek(block.fd, offset: block.offset, whence: block.whence)
        try store(max(position, -1), address, UHYVE_V1_FILE_LSEEK_OFFSET_OFFSET)
    }

    func writeSerial1(_ address: GuestAddress) throws(TenderError) {
        let block = try parameters(
            uhyve_v1_serial_write_buffer.self, of: .serialWriteBuffer1, address)
        writeSerial(.serialWriteBuffer1, block.buf, block.len)
    }

    func exitCode1(_ address: GuestAddress) throws(TenderError) -> Int32 {
        try parameters(uhyve_v1_exit.self, of: .exit1, address).code
    }

    // MARK: Arguments and environment

    /// The strings that fit into the fixed arrays of Cmdsize.
    private func passed(_ strings: [[UInt8]]) -> ArraySlice<[UInt8]> {
        strings.prefix(Int(UHYVE_V1_MOST_ARGUMENTS))
    }

    /// Stores the numbers of arguments and variables, and the size of each, its NUL included.
    func storeSizes(_ address: GuestAddress) throws(TenderError) {
        _ = try parameters(uhyve_v1_cmdsize.self, of: .cmdsize1, address)
        try storeSizes(passed(arguments.vector), address, 0, UHYVE_V1_CMDSIZE_ARGSZ_OFFSET)
        try storeSizes(
            passed(arguments.paddedEnvironment), address, UHYVE_V1_CMDSIZE_ENVC_OFFSET,
            UHYVE_V1_CMDSIZE_ENVSZ_OFFSET)
    }

    private func storeSizes(
        _ strings: ArraySlice<[UInt8]>, _ address: GuestAddress, _ countOffset: Int32,
        _ sizesOffset: Int32
    ) throws(TenderError) {
        try store(Int32(strings.count), address, countOffset)
        for (index, string) in strings.enumerated() {
            try store(
                Int32(clamping: string.count + 1), address, sizesOffset + Int32(index * 4))
        }
    }

    /// Copies arguments and variables to the guest's buffers.
    func storeValues(_ address: GuestAddress) throws(TenderError) {
        let block = try parameters(uhyve_v1_cmdval.self, of: .cmdval1, address)
        try storeValues(passed(arguments.vector), block.argv)
        try storeValues(passed(arguments.paddedEnvironment), block.envp)
    }

    /// - Parameter vector: the address of an array with the addresses to copy to.
    private func storeValues(
        _ strings: ArraySlice<[UInt8]>, _ vector: UInt64
    ) throws(TenderError) {
        do throws(GuestFault) {
            for (index, string) in strings.enumerated() {
                let slot = GuestAddress(vector).advanced(by: UInt64(index) * 8)
                guard let slot else { throw .access(address: GuestAddress(vector), count: 8) }
                let target = try memory.load(UInt64.self, at: slot)
                try memory.store(string + [0], at: GuestAddress(target))
            }
        } catch {
            throw .failed(
                "guest fault: \(Call.cmdval1.text): what it leads to is not in guest memory: "
                    + error.description)
        }
    }
}
