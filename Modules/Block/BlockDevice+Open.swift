import CLinux
import Linux
import Tender

extension BlockDevice {
    /// Opens and locks the file that `option` names: `block`, `block-ro` or `block-sync`.
    ///
    /// - Parameter isShared: whether to take no lock (`block-shared`).
    static func open(_ option: OptionValue, isShared: Bool) throws(ModuleError) -> BlockDevice {
        let isWritable = option.name != "block-ro"
        do throws(Errno) {
            var flags = isWritable ? O_RDWR : O_RDONLY
            if option.name == "block-sync" { flags |= O_DSYNC }
            let file = try openFile(option.value, flags, isShared: isShared)
            if !isShared { try lock(file, isWritable: isWritable) }
            var sectorSize: UInt64 = 1
            var deviceLock: FileDescriptor?
            if try FileStatus(of: file.number).kind == .blockDevice {
                let facts = try BlockDeviceFacts(of: file)
                if isWritable, facts.isReadOnly { throw Errno(EROFS) }
                sectorSize = facts.sectorSize
                if !isShared {
                    deviceLock = try lockDevice(file, exclusively: isWritable)
                }
            }
            let capacity = try file.capacity()
            return BlockDevice(
                file, capacity: capacity, isWritable: isWritable, hostSectorSize: sectorSize,
                lock: deviceLock)
        } catch {
            throw failure(error, option)
        }
    }

    /// Opens a regular file or block device. Unless `isShared`, fails with EBUSY if the host or
    /// another tender uses the block device, by any name.
    ///
    /// The kernel's claim on a block device (O_EXCL without O_CREAT, see open(2)) is on the device,
    /// while a lock is on the inode that it was opened by. A claim is always exclusive, so readers
    /// only check that there is none. For regular files the flag has no effect.
    private static func openFile(
        _ path: String, _ flags: Int32, isShared: Bool
    ) throws(Errno) -> FileDescriptor {
        // Opening a FIFO must not block, nor a terminal become the controlling one.
        let flags = flags | O_NONBLOCK | O_NOCTTY
        let file: FileDescriptor
        if isShared {
            file = try FileDescriptor.open(path, flags)
        } else if flags & LINUX_ACCESS_MODE == O_RDONLY {
            file = try FileDescriptor.open(path, flags)
            if try FileStatus(of: file.number).kind == .blockDevice {
                try checkUnclaimed(path, flags)
            }
        } else {
            file = try FileDescriptor.open(path, flags | O_EXCL)
        }
        switch try FileStatus(of: file.number).kind {
        case .regular, .blockDevice: return file
        default: throw Errno(ENOTBLK)
        }
    }

    /// Makes a claim and releases it at once. Readers that start at the same time may conflict, for
    /// microseconds, so it retries on EBUSY.
    private static func checkUnclaimed(_ path: String, _ flags: Int32) throws(Errno) {
        var attempts = 0
        while true {
            do throws(Errno) {
                _ = try FileDescriptor.open(path, flags | O_EXCL)
                return
            } catch {
                attempts += 1
                guard error.code == EBUSY, attempts < 20 else { throw error }
                usleep(1000)
            }
        }
    }

    /// Locks the file (F_OFD_SETLK): exclusively for a writable disk, shared for a read-only one.
    private static func lock(
        _ file: borrowing FileDescriptor, isWritable: Bool
    ) throws(Errno) {
        do throws(Errno) {
            try file.lock(exclusively: isWritable)
        } catch {
            switch error.code {
            // File systems without locks: sharing a file there is the operator's responsibility.
            case ENOLCK, EOPNOTSUPP, EINVAL: return
            default: throw error
            }
        }
    }

    /// Locks the device itself (flock(2) on its file in /sys), so that a writer conflicts with
    /// readers by another name, which make no claim.
    private static func lockDevice(
        _ file: borrowing FileDescriptor, exclusively: Bool
    ) throws(Errno) -> FileDescriptor? {
        do throws(Errno) {
            return try file.lockDevice(exclusively: exclusively)
        } catch {
            throw error.code == EWOULDBLOCK ? Errno(EBUSY) : error
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
        case EBUSY:
            return ModuleError(
                "\(path) is in use by another process or the host: \(cause)",
                hint: "--block-shared:\(option.device) attaches it all the same")
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
