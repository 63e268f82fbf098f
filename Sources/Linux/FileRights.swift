import CLinux

/// The rights that a process has over files once its guest runs: perhaps as another user, and in any case with
/// no capabilities, so that even root is bound by the permissions of files.
public struct FileRights: Equatable, Sendable {
    /// The other user and group, and no further groups; nil for those of this process.
    public let user: UInt32?
    public let group: UInt32?

    public init() {
        (user, group) = (nil, nil)
    }

    public init(user: UInt32, group: UInt32) {
        (self.user, self.group) = (user, group)
    }

    /// Does `body` with no more rights than these. What it makes belongs to that user.
    ///
    /// The calling thread gets its own rights back afterwards. Only root can become another user;
    /// without that, `body` has the rights of this process.
    public func perform(_ body: () throws(Errno) -> Void) throws(Errno) {
        let previous = try ThreadRights()
        do throws(Errno) {
            if let user, let group, geteuid() == 0 { try ThreadRights.become(user, group) }
            try ThreadRights.suspendCapabilities()
            try body()
        } catch {
            try previous.restore()
            throw error
        }
        try previous.restore()
    }
}

/// The credentials that decide about a thread's access to files.
private struct ThreadRights {
    private let groups: [gid_t]
    private let capabilities: [__user_cap_data_struct]
    private let user = geteuid()
    private let group = getegid()

    init() throws(Errno) {
        groups = try Self.currentGroups()
        capabilities = try Self.currentCapabilities()
    }

    func restore() throws(Errno) {
        // Back to one's own user and group takes no capability; the rest does.
        setfsuid(user)
        setfsgid(group)
        try Self.set(capabilities)
        guard try Self.currentGroups() != groups else { return }
        let result = unsafe groups.withUnsafeBufferPointer {
            unsafe linux_set_thread_groups($0.count, $0.baseAddress)
        }
        _ = try checked(result)
    }

    static func become(_ user: UInt32, _ group: UInt32) throws(Errno) {
        _ = try checked(linux_set_thread_groups(0, nil))
        // Both return what it was before, and no error; the highest number changes nothing.
        setfsgid(group)
        setfsuid(user)
        guard UInt32(bitPattern: setfsgid(.max)) == group,
            UInt32(bitPattern: setfsuid(.max)) == user
        else { throw Errno(EPERM) }
    }

    private static func currentGroups() throws(Errno) -> [gid_t] {
        let count = try checked(getgroups(0, nil))
        var groups = [gid_t](repeating: 0, count: Int(count))
        // The kernel stores no more than the array has room for.
        _ = try checked(
            unsafe groups.withUnsafeMutableBufferPointer {
                unsafe getgroups(count, $0.baseAddress)
            })
        return groups
    }

    /// The permitted ones stay, so that they can be had back.
    static func suspendCapabilities() throws(Errno) {
        var capabilities = try currentCapabilities()
        for index in capabilities.indices { capabilities[index].effective = 0 }
        try set(capabilities)
    }

    private static var header: __user_cap_header_struct {
        var header = __user_cap_header_struct()
        header.version = UInt32(_LINUX_CAPABILITY_VERSION_3)
        return header
    }

    private static func currentCapabilities() throws(Errno) -> [__user_cap_data_struct] {
        var header = header
        // This version of the call has two structs.
        var capabilities = [__user_cap_data_struct](repeating: __user_cap_data_struct(), count: 2)
        let result = unsafe capabilities.withUnsafeMutableBufferPointer {
            unsafe linux_get_capabilities(&header, $0.baseAddress)
        }
        _ = try checked(result)
        return capabilities
    }

    private static func set(_ capabilities: [__user_cap_data_struct]) throws(Errno) {
        var header = header
        let result = unsafe capabilities.withUnsafeBufferPointer {
            unsafe linux_set_capabilities(&header, $0.baseAddress)
        }
        _ = try checked(result)
    }
}
