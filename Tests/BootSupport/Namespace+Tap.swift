import CLinux
import TestSupport
import Testing

extension Namespace {
    /// Opens a tap of the namespace, which only a thread of its own enters.
    func openTap(_ name: String) throws -> Descriptor {
        let path = file
        let opened = Opened()
        try Background {
            let namespace = try Descriptor(opening: path, O_RDONLY)
            try attempt { setns(namespace.number, CLONE_NEWNET) }
            let tap = try Descriptor(opening: "/dev/net/tun", O_RDWR)
            // struct ifreq: 16 bytes of name, the flags, and room for other things.
            var request = Array(name.utf8) + [UInt8](repeating: 0, count: 16 - name.utf8.count)
            request += littleEndian(Int16(IFF_TAP | IFF_NO_PI)) + [UInt8](repeating: 0, count: 22)
            try attempt { linux_ioctl(tap.number, LINUX_TUNSETIFF, &request) }
            opened.tap = tap
        }.join()
        return try #require(opened.tap)
    }

    /// Written by one thread before it ends, and read by another after that.
    private final class Opened: @unchecked Sendable {
        var tap: Descriptor?
    }
}
