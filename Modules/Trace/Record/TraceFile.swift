import CLinux
import Linux
import Tender

/// The trace file, mapped and with all of its blocks reserved: records are stored to memory without
/// a system call, and are in the file even if the tender is killed.
final class TraceFile {
    let memory: RecordMemory
    /// Kept open for its lock, which keeps another tender from truncating the file.
    private let file: FileDescriptor

    /// Creates the file, or replaces the contents of an existing one.
    init(_ option: OptionValue, count: Int) throws(ModuleError) {
        do throws(Errno) {
            file = try Self.open(option.value, O_RDWR | O_CREAT)
        } catch {
            throw Self.failure(error, option)
        }
        do throws(Errno) {
            try file.resize(to: 0)
            try file.reserve(count)
            memory = RecordMemory(try .shared(count, with: file.number))
            try memory.survivesLostRoom()
        } catch {
            // Frees the blocks that were reserved on a full disk. The first error is the one to
            // report.
            try? file.resize(to: 0)
            throw Self.noRoom(error, count, option)
        }
    }

    var descriptorNumber: Int32 { file.number }

    /// Checks that the file could be created, without creating it.
    static func check(_ option: OptionValue, count: Int) throws(ModuleError) {
        let directory = parentDirectory(of: option.value)
        // The blocks of an existing file are freed when it is replaced.
        var reusable = 0
        do throws(Errno) {
            let file = try open(option.value, O_RDWR)
            let blocks = try FileAttributes(of: file).blockCount
            reusable = Int(clamping: blocks.multipliedReportingOverflow(by: 512).partialValue)
        } catch {
            guard error.code == ENOENT else { throw failure(error, option) }
            do throws(Errno) {
                try checkWritable(directory)
            } catch {
                throw failure(error, option)
            }
        }
        guard count > reusable else { return }
        do throws(Errno) {
            try checkRoom(in: directory, for: count - reusable)
        } catch {
            throw noRoom(error, count, option)
        }
    }

    private static func noRoom(_ cause: Errno, _ count: Int, _ option: OptionValue) -> ModuleError {
        ModuleError(
            "Could not reserve \(count >> 20) MiB for the trace: \(cause)", option: option,
            hint: "--trace-size=MIB asks for less")
    }

    /// Opens and locks the file. A symbolic link is not followed (other users can make one in a
    /// shared directory), and only a regular file of the effective user is accepted.
    private static func open(_ path: String, _ flags: Int32) throws(Errno) -> FileDescriptor {
        let file = try FileDescriptor.open(
            path, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, mode: 0o600)
        let attributes = try FileAttributes(of: file)
        guard attributes.isRegular else { throw Errno(ENOTSUP) }
        guard attributes.user == geteuid() else { throw Errno(EPERM) }
        try file.lock(exclusively: true)
        return file
    }

    private static func failure(_ cause: Errno, _ option: OptionValue) -> ModuleError {
        switch cause.code {
        case EAGAIN:
            ModuleError("Another pinnace writes its trace there", option: option)
        case ELOOP:
            ModuleError("Could not open: it is a symbolic link", option: option)
        case ENOTSUP, EISDIR:
            ModuleError("Could not open: not a regular file", option: option)
        case EPERM:
            ModuleError("Could not open: the file is another user's", option: option)
        default:
            ModuleError("Could not open: \(cause)", option: option)
        }
    }
}
