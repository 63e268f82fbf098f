import CLinux
import Linux
import Tender

/// Taps that an option names by interface.
enum NamedTap {
    static func attach(
        _ option: OptionValue, _ offload: OffloadOption
    ) throws(ModuleError) -> NetworkBackend {
        let interface = try attaching(option, hint: { hint($0, option.value) }) {
            () throws(Errno) in try find(option.value)
        }
        let file = try open(option)
        let (virtioHeader, mtu) = try attaching(option, hint: { hint($0, option.value) }) {
            () throws(Errno) in (try attach(file, to: interface, offload), try interface.mtu())
        }
        return NetworkBackend(file, mtu: UInt16(clamping: mtu), virtioHeader: virtioHeader)
    }

    /// Makes `file` the end of a tap, which is made if there is none.
    ///
    /// - Returns: the size of its virtio headers, in bytes; nil if it has none.
    static func attach(
        _ file: borrowing FileDescriptor, to interface: borrowing NetworkInterface,
        _ offload: OffloadOption
    ) throws(Errno) -> Int? {
        let isOffloading = offload != .off && file.knowsVirtioHeaders()
        try file.attachTap(interface.name, hasVirtioHeader: isOffloading)
        guard isOffloading else {
            // Errors are ignored: a kernel without these settings has nothing to turn off.
            try? file.refuseOffloads()
            try? interface.stopMergingFrames()
            return nil
        }
        try file.setVirtioHeaderSize(VirtioHeader.size)
        // Without them, frames come as ever, but with their headers.
        try? file.acceptOffloads()
        return VirtioHeader.size
    }

    /// Finds the interface, which must exist and be up.
    static func find(_ name: String) throws(Errno) -> NetworkInterface {
        let interface = try NetworkInterface(named: name)
        let isUp: Bool
        do throws(Errno) {
            isUp = try interface.isUp()
        } catch {
            // The same error as solo5-hvt.
            throw error.code == ENODEV ? Errno(ENOENT) : error
        }
        guard isUp else { throw Errno(ENETDOWN) }
        return interface
    }

    static func open(_ option: OptionValue) throws(ModuleError) -> FileDescriptor {
        let path = FileDescriptor.tapDevice
        do throws(Errno) {
            return try FileDescriptor.open(path, O_RDWR | O_NONBLOCK)
        } catch {
            throw .notAttached(
                option, "\(path): \(error)",
                hint: "network devices need access to \(path) and the kernel's module tun")
        }
    }

    private static func hint(_ cause: Errno, _ name: String) -> String? {
        switch cause.code {
        case ENOENT: "make it: ip tuntap add \(name) mode tap && ip link set \(name) up"
        case ENETDOWN: "ip link set \(name) up"
        case EBUSY: "another process uses it"
        case EPERM:
            "whoever uses it must be its owner, as in: ip tuntap add \(name) mode tap user NAME, "
                + "or have CAP_NET_ADMIN"
        case EAFNOSUPPORT:
            "a policy such as RestrictAddressFamilies= forbids the socket that asks for it: allow "
                + "AF_INET or AF_UNIX, or pass the tap as @FD"
        case EINVAL: "it is not a tap interface, or one with several queues"
        case ENAMETOOLONG: "names of interfaces have up to 15 characters"
        default: nil
        }
    }
}
