#if Net
    import CLinux

    @testable import Linux

    /// A tap interface that vanishes with its last user, and an observer on its far side.
    final class Tap {
        /// Of this test process alone.
        let name: String
        private var observer: Int32 = -1

        /// - Parameter options: of `ip link set`.
        init(_ options: String = "up", mode: String = "tap") throws {
            name = "pt" + String(try Random.word() >> 16, radix: 16)
            try ip("tuntap add \(name) mode \(mode)")
            // Nobody but the test is to send anything.
            try ip("link set \(name) addrgenmode none")
            try ip("link set \(name) \(options)")
        }

        deinit {
            close(observer)
            try? delete()
        }

        static let canBeMade: Bool = (try? Tap()) != nil

        /// PACKET_VNET_HDR of linux/if_packet.h.
        private static let packetVirtioHeader: Int32 = 15

        static let condition = "making tap interfaces takes CAP_NET_ADMIN and /dev/net/tun"

        func set(_ options: String) throws { try ip("link set \(name) \(options)") }

        func delete() throws { try ip("link del \(name)") }

        private func ip(_ arguments: String) throws(Errno) {
            guard system("ip \(arguments) 2>/dev/null") == 0 else { throw Errno(EPERM) }
        }

        /// A tap of the parent process's, to be passed on: the number of a descriptor that is
        /// attached to the interface and does not close on exec.
        func open(_ flags: Int32 = IFF_TAP | IFF_NO_PI) throws -> Int32 {
            let number = linux_open("/dev/net/tun", O_RDWR, 0)
            var request = try InterfaceRequest(name: name)
            request.flags = flags
            try request.ask(LINUX_TUNSETIFF, number)
            return number
        }

        /// A setting of the network card.
        func setting(_ command: Int32) throws -> UInt32 {
            let socket = try FileDescriptor.interfaceSocket()
            var request = try InterfaceRequest(name: name)
            return try request.ethtool(UInt32(command), socket.number)
        }

        // MARK: The far side

        /// Starts to look at the interface's frames.
        func observe() throws {
            // A `sockaddr_ll` for every protocol (ETH_P_ALL, in network byte order).
            var address: (UInt16, UInt16, Int32, UInt32, UInt32, UInt32) = (
                UInt16(AF_PACKET), UInt16(ETH_P_ALL).bigEndian, Int32(if_nametoindex(name)), 0, 0, 0
            )
            close(observer)
            let type = Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue)
            observer = try checked(CLinux.socket(AF_PACKET, type, 0))
            let size = socklen_t(MemoryLayout.size(ofValue: address))
            let result = withUnsafePointer(to: &address) { address in
                address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(observer, .init(__sockaddr__: $0), size)
                }
            }
            _ = try checked(result)
        }

        /// Has the host send a frame.
        func send(_ frame: [UInt8]) -> Bool {
            write(observer, frame, frame.count) == frame.count
        }

        /// Has the host send a super-frame: a virtio header and a frame, as a program does that leaves
        /// segmentation to the kernel or the interface.
        func sendSuperFrame(_ bytes: [UInt8]) throws {
            var one: Int32 = 1
            _ = try checked(setsockopt(observer, SOL_PACKET, Self.packetVirtioHeader, &one, 4))
            guard write(observer, bytes, bytes.count) == bytes.count else { throw Errno.current }
            one = 0
            _ = try checked(setsockopt(observer, SOL_PACKET, Self.packetVirtioHeader, &one, 4))
        }

        /// The next frame that the guest sent; nil if there is none.
        func receive() -> [UInt8]? {
            var frame = [UInt8](repeating: 0, count: 70000)
            while true {
                let count = recv(observer, &frame, frame.count, Int32(MSG_DONTWAIT))
                if count < 0 { return nil }
                // The host's own frames are seen as well; the test's carry this type.
                if count >= 14, frame[12] == 0x88, frame[13] == 0xB5 {
                    return Array(frame.prefix(count))
                }
            }
        }
    }
#endif
