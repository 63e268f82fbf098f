import CLinux

// Files that get their name only once they are complete.
extension FileDescriptor {
    /// Makes an unnamed file in this directory, for writing, at the number of another descriptor,
    /// which it replaces.
    public borrowing func makeUnnamedFile(
        replacing other: borrowing FileDescriptor
    ) throws(Errno) {
        let flags = O_WRONLY | O_TMPFILE | O_CLOEXEC
        // The C string lives as long as the call.
        let number = try checked(unsafe linux_openat(number, ".", flags, 0o600))
        defer { close(number) }
        _ = try checked(dup3(number, other.number, O_CLOEXEC))
    }

    /// Whether `link` could give this file a name: whether there is /proc, through which it goes.
    public borrowing func canBeNamed(in directory: borrowing FileDescriptor) -> Bool {
        do throws(Errno) {
            // The name of the directory itself is always taken, which is found after the file is.
            try link(as: ".", in: directory)
            return false
        } catch {
            return error.code == EEXIST
        }
    }

    /// Gives an unnamed file a name in `directory` that nothing has yet.
    public borrowing func link(
        as name: String, in directory: borrowing FileDescriptor
    ) throws(Errno) {
        // linkat with AT_EMPTY_PATH would need a capability.
        let path = "/proc/self/fd/\(number)"
        _ = try checked(
            unsafe linkat(AT_FDCWD, path, directory.number, name, AT_SYMLINK_FOLLOW))
    }

    /// pwrite(2), all of it.
    public borrowing func write(_ bytes: [UInt8], at offset: Int) throws(Errno) {
        var written = 0
        while written < bytes.count {
            // The bytes stay valid inside this closure.
            let result = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(
                    number, buffer.baseAddress.map { unsafe $0 + written }, buffer.count - written,
                    offset + written)
            }
            if result > 0 {
                written += result
            } else if result == 0 {
                throw Errno(ENOSPC)
            } else if linux_errno() != EINTR {
                throw Errno.current
            }
        }
    }
}
