#if Block
    import CLinux
    import Linux

    /// A block device of the host's on a file in a scratch directory (loop(4)); only root can make one.
    final class HostLoop {
        let path: String
        let number: UInt32
        private let device: FileDescriptor

        // <linux/loop.h> and <linux/fs.h>.
        private static let getFree: UInt = 0x4C82
        private static let setFile: UInt = 0x4C00
        private static let clearFile: UInt = 0x4C01
        private static let setBlockSize: UInt = 0x4C09
        private static let setReadOnly: UInt = 0x125D

        /// - Parameters:
        ///   - sectorSize: of the device, in bytes.
        ///   - isReadOnly: whether the device is, by itself; it opens for writing all the same.
        init(
            on file: String, sectorSize: UInt = 512, isReadOnly: Bool = false
        ) throws(Errno) {
            let control = try FileDescriptor.open("/dev/loop-control", O_RDWR)
            let backing = try FileDescriptor.open(file, O_RDWR)
            var attempts = 0
            while true {
                let free = linux_ioctl_value(control.number, Self.getFree, 0)
                guard free >= 0 else { throw Errno.current }
                let path = "/dev/loop\(free)"
                let device = try FileDescriptor.open(path, O_RDWR)
                if linux_ioctl_value(device.number, Self.setFile, UInt(backing.number)) == 0 {
                    self.path = path
                    number = UInt32(free)
                    self.device = device
                    break
                }
                // Another process may have taken it meanwhile.
                attempts += 1
                guard linux_errno() == EBUSY, attempts < 50 else { throw Errno.current }
            }
            guard linux_ioctl_value(device.number, Self.setBlockSize, sectorSize) == 0 else {
                throw Errno.current
            }
            var readOnly: Int32 = isReadOnly ? 1 : 0
            guard linux_ioctl(device.number, Self.setReadOnly, &readOnly) == 0 else {
                throw Errno.current
            }
        }

        deinit {
            // The kernel keeps this one for whatever file is next on the same device.
            var readOnly: Int32 = 0
            _ = linux_ioctl(device.number, Self.setReadOnly, &readOnly)
            _ = linux_ioctl_value(device.number, Self.clearFile, 0)
        }

        /// Another name for the device.
        func makeNode(_ path: String) -> Bool {
            // Major number 7, and a minor one below 256 (makedev(3) is a macro).
            number < 256 && mknod(path, mode_t(S_IFBLK) | 0o600, dev_t(7 << 8 | number)) == 0
        }

        /// Why there can be none here; nil if there can.
        static let lack: String? = {
            guard geteuid() == 0 else { return "only root can make loop devices" }
            guard let control = try? FileDescriptor.open("/dev/loop-control", O_RDWR),
                case let free = linux_ioctl_value(control.number, getFree, 0), free >= 0,
                (try? FileDescriptor.open("/dev/loop\(free)", O_RDWR)) != nil
            else { return "there are no loop devices" }
            return nil
        }()
    }
#endif
