import CLinux
import Linux
import TestSupport

/// A file of no directory, for inputs that are files.
final class MemoryFile {
    private let file: Descriptor

    init() throws {
        file = Descriptor(owning: try attempt { memfd_create("input", UInt32(MFD_CLOEXEC)) })
    }

    var path: String { "/proc/self/fd/\(file.number)" }

    func replace(with bytes: [UInt8]) throws {
        try attempt { ftruncate(file.number, 0) }
        guard pwrite(file.number, bytes, bytes.count, 0) == bytes.count else { throw Errno.current }
    }
}
