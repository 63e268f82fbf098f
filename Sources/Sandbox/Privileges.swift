import CLinux
import Linux

/// Capabilities, and other rights beyond those of any process.
enum Privileges {
    /// Empties the bounding set: no program that is executed has capabilities from now on, should the
    /// kernel ever forget no_new_privs. That alone sees to it that programs get none, not even root's
    /// (capabilities(7)).
    static func emptyBoundingSet() throws(Errno) {
        var capability: UInt = 0
        while linux_prctl(PR_CAPBSET_DROP, capability, 0) == 0 { capability += 1 }
        let errno = Errno.current
        // There are no more; or we lack the right to, and can't have these again anyway.
        guard errno.code == EINVAL || errno.code == EPERM else { throw errno }
    }

    /// Gives up all capabilities, for good.
    static func dropCapabilities() throws(Errno) {
        // Kernels have had ambient capabilities since 4.3.
        _ = linux_prctl(PR_CAP_AMBIENT, UInt(PR_CAP_AMBIENT_CLEAR_ALL), 0)
        var header = __user_cap_header_struct()
        header.version = UInt32(_LINUX_CAPABILITY_VERSION_3)
        let none = [__user_cap_data_struct](repeating: __user_cap_data_struct(), count: 2)
        // This version of the call reads two structs.
        let error = unsafe none.withUnsafeBufferPointer {
            unsafe linux_set_capabilities(&header, $0.baseAddress)
        }
        guard error == 0 else { throw Errno.current }
    }

    /// Neither the process nor what it might execute gets new privileges from now on.
    static func renounceNew() throws(Errno) {
        guard linux_prctl(PR_SET_NO_NEW_PRIVS, 1, 0) == 0 else { throw Errno.current }
    }

    /// Becomes another user, with no groups but the one.
    static func become(_ user: User) throws(Errno) {
        guard setgroups(0, nil) == 0, linux_set_group(user.group) == 0,
            linux_set_user(user.number) == 0
        else { throw Errno.current }
    }

    /// Has a file belong to another user.
    static func give(_ descriptor: Int32, to user: User) throws(Errno) {
        // The empty path, which lives as long as the call, stands for what is open.
        let error = unsafe fchownat(descriptor, "", user.number, user.group, AT_EMPTY_PATH)
        guard error == 0 else { throw Errno.current }
    }

    static var isRoot: Bool { geteuid() == 0 }

    /// Whether the user may read /proc/PID and others of the user's processes may look inside.
    static func setDumpable(_ isDumpable: Bool) throws(Errno) {
        guard linux_prctl(PR_SET_DUMPABLE, isDumpable ? 1 : 0, 0) == 0 else {
            throw Errno.current
        }
    }
}

/// The user and group that a guest runs as.
public struct User: Equatable, Sendable {
    public let number: UInt32
    public let group: UInt32

    /// - Parameter text: UID or UID:GID; without the latter, the group has the user's number.
    public init?(_ text: String) {
        let parts = text.utf8.split(
            separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        var numbers: [UInt32] = []
        for part in parts {
            guard let number = UInt32(String(decoding: Array(part), as: UTF8.self)),
                // The kernel takes the highest for "as before".
                number != .max, part.first != UInt8(ascii: "+")
            else { return nil }
            numbers.append(number)
        }
        guard let first = numbers.first, let last = numbers.last else { return nil }
        number = first
        group = last
    }
}
