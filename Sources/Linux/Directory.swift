import CLinux

/// How far the kernel goes when it looks a path up beneath a directory.
///
/// None lets the path leave the directory, be it by "..", an absolute symbolic link or a rename
/// meanwhile, and none follows the links of /proc that lead anywhere at all.
public enum Reach: Sendable {
    /// Follows symbolic links that stay beneath.
    case links
    /// Refuses symbolic links.
    case noLinks
    /// Refuses symbolic links and what is mounted beneath.
    case sameMount

    var resolve: Int32 {
        let beneath = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS
        switch self {
        case .links: return beneath
        case .noLinks: return beneath | RESOLVE_NO_SYMLINKS
        case .sameMount: return beneath | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV
        }
    }
}

// What is done beneath a directory. Paths are the bytes that the kernel gets: no zero among them.
extension FileDescriptor {
    /// Opens `path`, whose bytes need not be text; `flags` as in open(2), close-on-exec added.
    public static func open(_ path: [UInt8], _ flags: Int32) throws(Errno) -> FileDescriptor {
        let number = unsafe withPath(path) { path in unsafe linux_open(path, flags | O_CLOEXEC, 0) }
        return try FileDescriptor(owning: checked(number))
    }

    /// openat2(2), close-on-exec added.
    ///
    /// - Parameter mode: of the file, if it is created: 0 unless `flags` say O_CREAT.
    public borrowing func open(
        beneath path: [UInt8], _ flags: Int32, mode: UInt32 = 0, reach: Reach
    ) throws(Errno) -> FileDescriptor {
        let how = OpenHow(flags, mode: mode, reach)
        var attempts = 0
        while true {
            let result = unsafe withPath(path) { path in
                // The C string lives as long as the call.
                unsafe ReadingTable.open(number, path, how)
            }
            guard result == -1 else { return try FileDescriptor(owning: result) }
            let errno = Errno.current
            switch errno.code {
            case EINTR: continue
            // Something was renamed while the kernel went up in the tree: it can't tell where that
            // led. Renaming all the time must not keep us here.
            case EAGAIN where attempts < 64: attempts += 1
            default: throw errno
            }
        }
    }

    /// mkdirat(2). `name` is in this very directory.
    public borrowing func makeDirectory(_ name: [UInt8], mode: UInt32) throws(Errno) {
        try checkName(name)
        _ = try checked(unsafe withPath(name) { name in unsafe mkdirat(number, name, mode) })
    }

    /// unlinkat(2): removes a name that is in this very directory, and no directory's; what it links
    /// to stays.
    public borrowing func remove(_ name: [UInt8]) throws(Errno) {
        try checkName(name)
        _ = try checked(unsafe withPath(name) { name in unsafe unlinkat(number, name, 0) })
    }

    /// getdents64(2): the directory's next entries, or none at the end.
    ///
    /// - Parameter room: in bytes.
    public borrowing func entries(room: Int) throws(Errno) -> DirectoryEntries {
        var failure: Errno?
        // The kernel fills in no more than the array has room for.
        let words = unsafe [UInt64](unsafeUninitializedCapacity: max(0, room / 8)) { words, count in
            let first = words.baseAddress
            do throws(Errno) {
                guard let first = unsafe first else { throw Errno(EINVAL) }
                count = try retrying { unsafe linux_getdents(number, first, words.count * 8) } / 8
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return DirectoryEntries(words: words)
    }

    /// lseek(2).
    public borrowing func seek(_ offset: Int64, _ whence: Int32) throws(Errno) -> Int64 {
        Int64(try checked(lseek(number, off_t(offset), whence)))
    }

    /// Else it could lead out of the directory, or be the directory itself.
    func checkName(_ name: [UInt8]) throws(Errno) {
        let dot = UInt8(ascii: ".")
        guard !name.isEmpty, !name.contains(UInt8(ascii: "/")), name != [dot], name != [dot, dot]
        else { throw Errno(EINVAL) }
    }
}

/// Lends `path` to a system call.
func withPath(
    _ path: [UInt8], _ call: (UnsafePointer<CChar>) -> Int32
) -> Int32 {
    let terminated = path.map { CChar(bitPattern: $0) } + [0]
    return unsafe terminated.withUnsafeBufferPointer { characters in
        // There is at least the zero.
        guard let first = characters.baseAddress else { return -1 }
        return unsafe call(first)
    }
}

/// realpath(3): `path` without symbolic links, from the root on.
public func canonicalPath(_ path: String) throws(Errno) -> [UInt8] {
    // The C library allocates the result, and ends it with a zero.
    guard let result = unsafe realpath(path, nil) else { throw Errno.current }
    defer { unsafe free(result) }
    let length = unsafe strlen(result)
    return (0..<length).map { unsafe UInt8(bitPattern: result[$0]) }
}
