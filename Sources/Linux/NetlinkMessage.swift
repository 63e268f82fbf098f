import CLinux

/// A request to the kernel, or a part of its answer: a struct, and attributes after it.
struct NetlinkMessage {
    let type: Int32
    private var body: [UInt8]

    private static let headerSize = MemoryLayout<nlmsghdr>.size

    /// - Parameter header: the struct that goes with the type.
    init(_ type: Int, _ header: some BitwiseCopyable, _ attributes: NetlinkAttribute...) {
        self.type = Int32(truncatingIfNeeded: type)
        body = bytesOf(header) + attributes.flatMap { $0.bytes }
    }

    private init(type: Int32, body: [UInt8]) {
        self.type = type
        self.body = body
    }

    func bytes(flags: Int32) -> [UInt8] {
        bytesOf(
            nlmsghdr(
                nlmsg_len: UInt32(truncatingIfNeeded: Self.headerSize + body.count),
                nlmsg_type: UInt16(truncatingIfNeeded: type),
                nlmsg_flags: UInt16(truncatingIfNeeded: flags), nlmsg_seq: 0, nlmsg_pid: 0)) + body
    }

    /// - Throws: `EPROTO` if a size is wrong.
    static func all(in bytes: ArraySlice<UInt8>) throws(Errno) -> [NetlinkMessage] {
        var messages: [NetlinkMessage] = []
        var rest = bytes
        while let header = value(nlmsghdr.self, in: rest) {
            let size = Int(header.nlmsg_len)
            guard headerSize...rest.count ~= size else { throw Errno(EPROTO) }
            messages.append(
                NetlinkMessage(
                    type: Int32(header.nlmsg_type),
                    body: Array(rest.prefix(size).dropFirst(headerSize))))
            rest = rest.dropFirst(padded(size))
        }
        return messages
    }

    /// The struct at the beginning; nil if the message is shorter.
    func header<Header: BitwiseCopyable>(_: Header.Type) -> Header? {
        value(Header.self, in: body[...])
    }

    /// The value of an attribute after the struct `Header`; nil if there is none.
    func attribute<Header>(_ type: Int, after _: Header.Type) -> [UInt8]? {
        var rest = body.dropFirst(padded(MemoryLayout<Header>.size))
        while let header = value(nlattr.self, in: rest) {
            let size = Int(header.nla_len)
            guard NetlinkAttribute.headerSize...rest.count ~= size else { return nil }
            if Int(header.nla_type) == type {
                return Array(rest.prefix(size).dropFirst(NetlinkAttribute.headerSize))
            }
            rest = rest.dropFirst(padded(size))
        }
        return nil
    }
}

/// An attribute of a message: its size, a type, and a value.
struct NetlinkAttribute {
    let bytes: [UInt8]

    static let headerSize = MemoryLayout<nlattr>.size

    init(_ type: Int, _ value: [UInt8]) {
        let size = Self.headerSize + value.count
        let header = nlattr(
            nla_len: UInt16(truncatingIfNeeded: size), nla_type: UInt16(truncatingIfNeeded: type))
        bytes =
            bytesOf(header) + value + [UInt8](repeating: 0, count: padded(size) - size)
    }

    init(_ type: Int, text: String) {
        self.init(type, Array(text.utf8) + [0])
    }

    init(_ type: Int, _ attributes: NetlinkAttribute...) {
        self.init(type, attributes.flatMap { $0.bytes })
    }
}

/// The size with what is left free after it: all begins at a multiple of 4 bytes.
private func padded(_ size: Int) -> Int { (size + 3) / 4 * 4 }

/// The bytes of a C struct.
func bytesOf(_ value: some BitwiseCopyable) -> [UInt8] {
    // Those that this is used for have no padding.
    unsafe withUnsafeBytes(of: value) { unsafe Array($0) }
}

/// The C struct at the beginning of `bytes`; nil if they are too few.
private func value<Value: BitwiseCopyable>(
    _: Value.Type, in bytes: ArraySlice<UInt8>
) -> Value? {
    guard bytes.count >= MemoryLayout<Value>.size else { return nil }
    // There are as many bytes, and any of them make a struct of plain integers.
    return unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: Value.self) }
}
