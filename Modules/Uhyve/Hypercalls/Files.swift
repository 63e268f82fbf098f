import ABI
import CLinux
import GuestFiles
import Linux
import Tender

// The file hypercalls that all versions of uhyve's interface share, and helpers for the others.
extension Hypercalls {
    func openFile(_ call: Call, _ address: GuestAddress) throws(TenderError) {
        let block = try parameters(uhyve_file_open.self, of: call, address)
        let result = answer { () throws(Errno) in
            files.open(
                try path(at: block.name), flags: block.flags,
                mode: UInt32(bitPattern: block.mode))
        }
        try store(result, address, UHYVE_FILE_OPEN_RET_OFFSET)
    }

    func closeFile(_ call: Call, _ address: GuestAddress) throws(TenderError) {
        let block = try parameters(uhyve_file_close.self, of: call, address)
        try store(files.close(block.fd), address, UHYVE_FILE_CLOSE_RET_OFFSET)
    }

    func unlinkFile(_ call: Call, _ address: GuestAddress) throws(TenderError) {
        let block = try parameters(uhyve_file_unlink.self, of: call, address)
        let result = answer { () throws(Errno) in files.unlink(try path(at: block.name)) }
        try store(result, address, UHYVE_FILE_UNLINK_RET_OFFSET)
    }

    /// Writes to a descriptor; 1 and 2 are the console.
    ///
    /// - Returns: the number of bytes or a negative error.
    func write(_ descriptor: Int32, _ range: GuestRange) -> Int64 {
        guard descriptor == STDOUT_FILENO || descriptor == STDERR_FILENO else {
            return files.write(descriptor, range, of: memory)
        }
        console.write(range, of: memory)
        return Int64(range.count)
    }

    /// Reads from a descriptor; 0 is the tender's standard input.
    ///
    /// - Parameter wait: how to wait for input.
    /// - Returns: the number of bytes or a negative error.
    func read(_ descriptor: Int32, into range: GuestRange, _ wait: InputWait) -> Int64 {
        guard descriptor == STDIN_FILENO else {
            return files.read(descriptor, into: range, of: memory)
        }
        return answer { () throws(Errno) in Int64(try input.read(into: range, of: memory, wait)) }
    }
}
