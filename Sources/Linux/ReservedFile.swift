import CLinux

// Files whose room is reserved before they are written to.
extension FileDescriptor {
    /// Opens `path`; `flags` as in open(2), close-on-exec added.
    ///
    /// - Parameter mode: of the file, if it is created.
    public static func open(
        _ path: String, _ flags: Int32, mode: UInt32
    ) throws(Errno) -> FileDescriptor {
        // The C string lives as long as the call.
        let number = unsafe linux_open(path, flags | O_CLOEXEC, mode)
        return try FileDescriptor(owning: checked(number))
    }

    /// ftruncate(2).
    public borrowing func resize(to count: Int) throws(Errno) {
        _ = try checked(ftruncate(number, off_t(count)))
    }

    /// posix_fallocate(3): the file has `count` bytes, and the file system room for all of them.
    public borrowing func reserve(_ count: Int) throws(Errno) {
        while true {
            let error = posix_fallocate(number, 0, off_t(count))
            if error == 0 { return }
            if error != EINTR { throw Errno(error) }
        }
    }
}

/// Whether this process may make files in a directory.
public func checkWritable(_ directory: String) throws(Errno) {
    // The C string lives as long as the call.
    _ = try checked(unsafe access(directory, W_OK | X_OK))
}
