import CLinux
import Linux
import Tender

/// A tap that is made for the guest and wired to another interface, such as a container's, in whose
/// place the guest is: `wire:eth0`.
///
/// What arrives at either goes out by the other one. The guest gets the interface's MAC address, by
/// which others know it, and can have its IP addresses (`NetworkIdentity`). The interface keeps them, for
/// the next guest; its own host no longer hears what is sent to them.
enum WiredTap {
    private static let prefix = "wire:"

    static func isMeant(by option: OptionValue) -> Bool {
        option.value.utf8.starts(with: prefix.utf8)
    }

    /// - Parameter isRehearsal: whether to leave the interface as it is.
    static func attach(
        _ option: OptionValue, _ offload: OffloadOption, isRehearsal: Bool
    ) throws(ModuleError) -> NetworkBackend {
        let name = String(decoding: option.value.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        let (identity, index, mtu) = try attaching(option, hint: hint) { () throws(Errno) in
            let interface = try NamedTap.find(name)
            let index = try interface.index()
            return (try NetworkIdentity(interface), index, try interface.mtu())
        }
        guard let identity else {
            throw .notAttached(option, "it is no Ethernet interface, as a guest's are")
        }
        let file = try NamedTap.open(option)
        let virtioHeader = try attaching(option, hint: hintOnWiring) { () throws(Errno) in
            // It vanishes with the descriptor. A second guest would find its name taken.
            let end = try NetworkInterface(named: "tap-\(index)")
            let virtioHeader = try NamedTap.attach(file, to: end, offload)
            try end.bringUp(mtu: mtu)
            let interface = try NetworkInterface(named: name)
            try end.redirect(to: interface)
            if !isRehearsal { try interface.redirect(to: end) }
            return virtioHeader
        }
        return NetworkBackend(
            file, mtu: UInt16(clamping: mtu), virtioHeader: virtioHeader, identity: identity)
    }

    private static func hint(_ cause: Errno) -> String? {
        switch cause.code {
        case ENOENT: "it must be an interface of this network namespace"
        case ENETDOWN: "it must be up when the tender starts"
        case EAFNOSUPPORT:
            "a policy such as RestrictAddressFamilies= must allow AF_NETLINK, and AF_INET or AF_UNIX"
        default: nil
        }
    }

    private static func hintOnWiring(_ cause: Errno) -> String? {
        switch cause.code {
        case EBUSY: "another guest has its place"
        case EPERM: "to make a tap and to wire it takes CAP_NET_ADMIN"
        case ENOENT, EOPNOTSUPP:
            "it takes the kernel's modules sch_ingress, cls_u32 and act_mirred"
        default: nil
        }
    }
}
