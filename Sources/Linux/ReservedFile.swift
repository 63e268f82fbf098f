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

/// Whether `FileDescriptor.create` could make a file at `path`, without making it.
///
/// - Throws: EEXIST if something is there, or what else would keep it from being made.
public func checkCreatable(_ path: String) throws(Errno) {
    do throws(Errno) {
        // Neither opens what is there, nor follows a link.
        _ = try FileDescriptor.open(path, O_PATH | O_NOFOLLOW)
    } catch {
        guard error.code == ENOENT, !path.isEmpty else { throw error }
        return try checkWritable(parentDirectory(of: path))
    }
    throw Errno(EEXIST)
}

/// The directory that a path's last name is in.
public func parentDirectory(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// Whether the file system has room for `count` more bytes in a file in `directory`: reserves them for
/// a file without a name, which is gone at once. Where such files or reservations are not known, there
/// is nothing to be said.
///
/// - Throws: ENOSPC, EDQUOT, EFBIG.
public func checkRoom(in directory: String, for count: Int) throws(Errno) {
    let file: FileDescriptor
    do throws(Errno) {
        file = try FileDescriptor.open(directory, O_WRONLY | O_TMPFILE, mode: 0o600)
    } catch {
        return
    }
    guard fallocate(file.number, 0, 0, off_t(count)) == -1 else { return }
    let errno = Errno.current
    if [ENOSPC, EDQUOT, EFBIG].contains(errno.code) { throw errno }
}
