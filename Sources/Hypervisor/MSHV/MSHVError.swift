import CLinux
import Linux

// The Microsoft Hypervisor's errors.
extension HypervisorError {
    /// open(2) of the device failed.
    static func mshvUnavailable(device: String, _ errno: Errno) -> HypervisorError {
        let hint =
            switch errno.code {
            case EPERM:
                " (the device list of a container or unit leaves it out: add the device there, as "
                    + "by --device=/dev/mshv or DeviceAllow=/dev/mshv)"
            case ENOENT:
                " (it is there only if this is the root partition of a Microsoft Hypervisor, and "
                    + "Linux is 6.15 or newer with CONFIG_MSHV_ROOT)"
            case EACCES: " (only root may, unless a udev rule gives the device to a group)"
            default: ""
            }
        return HypervisorError("\(device): could not open: \(errno)\(hint)")
    }

    /// An ioctl failed.
    ///
    /// - Parameter status: the hypervisor's, if the call got there and it refused; 0 otherwise.
    static func mshv(
        _ operation: String, _ errno: Errno, status: UInt16 = 0
    ) -> HypervisorError {
        var text = "MSHV: \(operation): \(errno)"
        if status != 0 {
            text += " (hypervisor status 0x" + String(status, radix: 16)
            text += statusWords(status).map { ": \($0))" } ?? ")"
        }
        return HypervisorError(text)
    }

    /// MSHV_CREATE_PARTITION failed.
    static func mshvCreation(_ errno: Errno) -> HypervisorError {
        guard errno.code == ENOTTY else { return mshv("create a partition", errno) }
        return HypervisorError(
            "MSHV: this kernel has another interface to the hypervisor, older than Linux 6.15's, "
                + "which is needed")
    }

    /// MSHV_SET_GUEST_MEMORY failed.
    static func mshvMapping(count: UInt64, _ errno: Errno) -> HypervisorError {
        let error = mshv("map \(count) bytes of guest memory", errno)
        guard errno.code == ENOMEM else { return error }
        return HypervisorError(
            "\(error) (the kernel pins all of a guest's memory: give it less with --mem, or raise "
                + "memory.max of the cgroup)")
    }

    /// HV_STATUS_... of the TLFS.
    private static func statusWords(_ status: UInt16) -> String? {
        switch status {
        case 0x2: "invalid hypercall code"
        case 0x3: "invalid hypercall input"
        case 0x4: "invalid alignment"
        case 0x5: "invalid parameter"
        case 0x6: "access denied"
        case 0x7: "invalid partition state"
        case 0x8: "operation denied"
        case 0x9: "unknown property"
        case 0xA: "property value out of range"
        case 0xB: "insufficient memory"
        case 0xD: "invalid partition"
        case 0xE: "invalid VP index"
        case 0x15: "invalid VP state"
        case 0x50: "invalid register value"
        case 0x71: "operation failed"
        case 0x78: "timeout"
        case 0x79: "pending"
        default: nil
        }
    }
}
