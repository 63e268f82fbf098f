import CLinux
import Linux
import Tender

extension BlockDevice {
    /// Opens and locks the file that `option`, a `block`, `block-ro` or `block-sync`, names.
    static func open(_ option: OptionValue) throws(ModuleError) -> BlockDevice {
        let isWritable = option.name != "block-ro"
        do throws(Errno) {
            let access = isWritable ? O_RDWR : O_RDONLY
            let file = try openFile(
                option.value, option.name == "block-sync" ? access | O_DSYNC : access)
            try lock(file, isWritable: isWritable)
            let capacity = try file.capacity()
            return BlockDevice(file, capacity: capacity, isWritable: isWritable)
        } catch {
            throw failure(error, option)
        }
    }

    private static func openFile(
        _ path: String, _ flags: Int32
    ) throws(Errno) -> FileDescriptor {
        // Neither may a FIFO make us wait, nor a terminal become ours.
        let file = try FileDescriptor.open(path, flags | O_NONBLOCK | O_NOCTTY)
        switch try FileStatus(of: file.number).kind {
        case .regular, .blockDevice: return file
        default: throw Errno(ENOTBLK)
        }
    }

    /// Keeps others from writing to what the guest uses, and from using what the guest writes to.
    private static func lock(
        _ file: borrowing FileDescriptor, isWritable: Bool
    ) throws(Errno) {
        do throws(Errno) {
            try file.lock(exclusively: isWritable)
        } catch {
            switch error.code {
            // Some file systems have no locks. Their users share files at their own risk.
            case ENOLCK, EOPNOTSUPP, EINVAL: return
            default: throw error
            }
        }
    }

    private static func failure(_ cause: Errno, _ option: OptionValue) -> ModuleError {
        let path = option.value
        let text = "Could not open block device: \(path): \(cause)"
        switch cause.code {
        case EAGAIN:
            return ModuleError(
                "\(path) is in use by another process: \(cause)",
                hint: "only devices that are all attached with --block-ro can share a file")
        case ENOENT:
            return ModuleError(text, hint: "truncate -s SIZE creates a file of zeros")
        case EACCES, EPERM, EROFS, ETXTBSY:
            guard option.name != "block-ro" else { return ModuleError(text) }
            return ModuleError(text, hint: "--block-ro attaches what can't be written to")
        case EISDIR, ENOTBLK, ENXIO:
            return ModuleError(text, hint: "only regular files and block devices can back a disk")
        default:
            return ModuleError(text)
        }
    }
}
