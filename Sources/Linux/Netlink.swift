import CLinux

/// A socket to the kernel's network configuration (rtnetlink(7)), of this network namespace.
struct Netlink: ~Copyable {
    private let socket: FileDescriptor
    /// The kernel's answers have up to 32 KiB.
    private static let room = 65536

    init() throws(Errno) {
        let type = LINUX_RAW | LINUX_CLOSE_ON_EXEC
        socket = try FileDescriptor(owning: checked(CLinux.socket(AF_NETLINK, type, NETLINK_ROUTE)))
    }

    /// Has the kernel change something.
    ///
    /// - Throws: what the kernel answers.
    borrowing func change(_ request: NetlinkMessage, flags: Int32 = 0) throws(Errno) {
        _ = try answers(to: request, flags: NLM_F_ACK | flags)
    }

    /// All that the kernel has of what `request` asks for.
    borrowing func list(_ request: NetlinkMessage) throws(Errno) -> [NetlinkMessage] {
        try answers(to: request, flags: NLM_F_ROOT | NLM_F_MATCH)
    }

    private borrowing func answers(
        to request: NetlinkMessage, flags: Int32
    ) throws(Errno) -> [NetlinkMessage] {
        let bytes = request.bytes(flags: NLM_F_REQUEST | flags)
        // The kernel reads these bytes during the call.
        _ = try retrying { unsafe send(socket.number, bytes, bytes.count, 0) }
        var answers: [NetlinkMessage] = []
        while true {
            var buffer = [UInt8](repeating: 0, count: Self.room)
            // The kernel writes no more than there is room for.
            let count = try retrying { unsafe recv(socket.number, &buffer, Self.room, 0) }
            for answer in try NetlinkMessage.all(in: buffer.prefix(count)) {
                switch answer.type {
                case NLMSG_DONE: return answers
                case NLMSG_ERROR:
                    // A negated errno; 0 is the acknowledgement.
                    let code = answer.header(nlmsgerr.self)?.error ?? -EPROTO
                    guard code == 0 else { throw Errno(0 &- code) }
                    return answers
                default: answers.append(answer)
                }
            }
        }
    }
}
