import CLinux

/// A question about a network interface, which the kernel turns into the answer: an `ifreq`.
///
/// The C struct is a union of plain integers and starts as zeros, so that reading a member other
/// than the one the kernel wrote yields a wrong number and no harm.
@safe struct InterfaceRequest {
    private var request = unsafe ifreq()

    init() {}

    /// - Throws: `ENAMETOOLONG` for what can't be the name of an interface.
    init(name: String) throws(Errno) {
        let name = name.utf8
        guard name.count < Int(IFNAMSIZ) else { throw Errno(ENAMETOOLONG) }
        // The name fits, and the NUL after it is there already.
        unsafe withUnsafeMutableBytes(of: &request.ifr_ifrn.ifrn_name) { field in
            unsafe field.copyBytes(from: name)
        }
    }

    /// Asks by way of `descriptor`, an open tap or any socket.
    mutating func ask(_ question: UInt, _ descriptor: Int32) throws(Errno) {
        // Each of the questions used here reads and writes an `ifreq`, and nothing else.
        _ = try checked(unsafe linux_ioctl(descriptor, question, &request))
    }

    /// Reads or changes a setting of the network card, as `command` says.
    @discardableResult
    mutating func ethtool(
        _ command: UInt32, value: UInt32 = 0, _ socket: Int32
    ) throws(Errno) -> UInt32 {
        var setting = ethtool_value(cmd: command, data: value)
        // The kernel uses the pointer during the call only, for a struct that it knows.
        let result = unsafe withUnsafeMutableBytes(of: &setting) { bytes in
            unsafe request.ifr_ifru.ifru_data = bytes.baseAddress?.assumingMemoryBound(
                to: CChar.self)
            return unsafe linux_ioctl(socket, LINUX_SIOCETHTOOL, &request)
        }
        _ = try checked(result)
        return setting.data
    }

    var name: String {
        unsafe withUnsafeBytes(of: request.ifr_ifrn.ifrn_name) { field in
            unsafe String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    var flags: Int32 {
        get { unsafe Int32(UInt16(bitPattern: request.ifr_ifru.ifru_flags)) }
        set { unsafe request.ifr_ifru.ifru_flags = Int16(truncatingIfNeeded: newValue) }
    }

    var mtu: Int32 {
        get { unsafe request.ifr_ifru.ifru_mtu }
        set { unsafe request.ifr_ifru.ifru_mtu = newValue }
    }

    var index: Int32 { unsafe request.ifr_ifru.ifru_ivalue }

    /// One of `ARPHRD_ETHER` and so on.
    var hardwareKind: Int32 { unsafe Int32(request.ifr_ifru.ifru_hwaddr.sa_family) }

    /// The first 8 bytes of the address, which for an Ethernet address is all of it.
    var hardwareAddress: UInt64 {
        unsafe withUnsafeBytes(of: request.ifr_ifru.ifru_hwaddr.sa_data) { field in
            unsafe field.loadUnaligned(as: UInt64.self)
        }
    }
}
