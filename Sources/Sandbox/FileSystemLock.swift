import CLinux
import Linux
import Tender

/// Landlock: no file can be opened any more, but for those in a launch's paths.
enum FileSystemLock {
    enum Outcome {
        /// By Landlock of this version.
        case closed(version: Int32)
        /// This kernel has no Landlock.
        case missing
        /// A policy that we were started under keeps us from it.
        case refused
    }

    static func close(but paths: [Confinement.Path]) throws(Errno) -> Outcome {
        let version = linux_landlock_version()
        guard version > 0 else {
            let errno = Errno.current
            // It is not built in, or not turned on.
            if errno.code == ENOSYS || errno.code == EOPNOTSUPP { return .missing }
            if errno.code == EPERM, SystemCallFilter.isInherited { return .refused }
            throw errno
        }
        var rules = linux_landlock_ruleset()
        rules.handled_access_fs = rights(version)
        rules.handled_access_net = version >= 4 ? UInt64(LINUX_LANDLOCK_NET) : 0
        rules.scoped = version >= 6 ? UInt64(LINUX_LANDLOCK_SCOPES) : 0
        // Kernels refuse what they do not know, unless it is zero.
        let created = unsafe linux_landlock_create(&rules, MemoryLayout.size(ofValue: rules))
        guard created >= 0 else { throw Errno.current }
        let descriptor = try FileDescriptor(owning: created)
        for path in paths {
            var path = linux_landlock_path(
                allowed_access: rights(in: path) & rules.handled_access_fs,
                parent_fd: path.descriptor)
            // The kernel reads the struct during the call.
            guard unsafe linux_landlock_allow(descriptor.number, &path) == 0 else {
                throw Errno.current
            }
        }
        guard linux_landlock_restrict(descriptor.number) == 0 else { throw Errno.current }
        return .closed(version: version)
    }

    /// All that a version of Landlock can refuse.
    private static func rights(_ version: Int32) -> UInt64 {
        var rights = UInt64(LINUX_LANDLOCK_FS_VERSION_1)
        if version >= 2 { rights |= UInt64(LINUX_LANDLOCK_REFER) }
        if version >= 3 { rights |= UInt64(LINUX_LANDLOCK_TRUNCATE) }
        if version >= 5 { rights |= UInt64(LINUX_LANDLOCK_IOCTL_DEVICE) }
        if version >= 9 { rights |= UInt64(LINUX_LANDLOCK_RESOLVE_UNIX) }
        return rights
    }

    private static func rights(in path: Confinement.Path) -> UInt64 {
        var rights = LINUX_LANDLOCK_READ_FILE | LINUX_LANDLOCK_READ_DIR
        switch path.access {
        case .read: break
        case .write:
            rights |= LINUX_LANDLOCK_WRITE_FILE | LINUX_LANDLOCK_TRUNCATE
            rights |= LINUX_LANDLOCK_REMOVE_FILE
            rights |= LINUX_LANDLOCK_MAKE_REG | LINUX_LANDLOCK_MAKE_DIR
            // All of it goes at the end.
            if path.isNew { rights |= LINUX_LANDLOCK_REMOVE_DIR }
        case .creation: rights = LINUX_LANDLOCK_WRITE_FILE | LINUX_LANDLOCK_MAKE_REG
        case .removal: rights = LINUX_LANDLOCK_REMOVE_DIR
        }
        return UInt64(rights)
    }
}
