import CLinux
import Linux

/// The open flags of uhyve's interface; other flags are ignored.
///
/// Their values are those of Linux on x86_64, which the host's need not be.
struct OpenFlags {
    private static let accessMode: Int32 = 0o3
    private static let create: Int32 = 0o100
    private static let exclusive: Int32 = 0o200
    private static let truncate: Int32 = 0o1000
    private static let append: Int32 = 0o2000
    private static let directory: Int32 = 0o200000

    /// One of O_RDONLY, O_WRONLY and O_RDWR.
    let access: Int32
    let creates: Bool
    /// O_EXCL with O_CREAT: fails if the file exists.
    var isExclusive: Bool
    let truncates: Bool
    let appends: Bool
    let wantsDirectory: Bool

    init(_ flags: Int32) throws(Errno) {
        access = flags & Self.accessMode
        creates = flags & Self.create != 0
        isExclusive = creates && flags & Self.exclusive != 0
        truncates = flags & Self.truncate != 0
        appends = flags & Self.append != 0
        wantsDirectory = flags & Self.directory != 0
        guard access != Self.accessMode, !(creates && wantsDirectory) else { throw Errno(EINVAL) }
    }

    /// Whether the open, or a write after it, can change a file of the host.
    var changesFiles: Bool { access != O_RDONLY || creates || truncates }

    var hostFlags: Int32 {
        access | (creates ? O_CREAT : 0) | (isExclusive ? O_EXCL : 0) | (truncates ? O_TRUNC : 0)
            | (appends ? O_APPEND : 0) | (wantsDirectory ? O_DIRECTORY : 0)
    }
}
