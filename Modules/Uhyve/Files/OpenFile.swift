import CLinux
import Linux
import Tender

/// The open file of a guest's descriptor.
enum OpenFile {
    case host(HostFile)
    case archived(OpenArchivedFile)
    case listing(MappingListing)
}

/// An open file or directory of the host; closed after the last call that uses it.
///
/// A vCPU thread that reads while another closes the same descriptor holds a reference to this
/// object, so the host can't reuse the number for another file during the read.
final class HostFile: Sendable {
    let descriptor: FileDescriptor
    let isDirectory: Bool

    /// - Throws: EACCES for devices, FIFOs and sockets: the guest must not reach drivers and other
    ///   processes, and could block on them without limit.
    init(_ descriptor: consuming FileDescriptor) throws(Errno) {
        let attributes = try FileAttributes(of: descriptor)
        guard Self.canBe(attributes) else { throw Errno(EACCES) }
        isDirectory = attributes.isDirectory
        self.descriptor = descriptor
    }

    // The number alone would not keep the file open, so these keep the object alive to the end.

    func read(into range: GuestRange, of memory: GuestMemory) throws(Errno) -> Int {
        try withExtendedLifetime(self) { () throws(Errno) in
            try memory.read(into: range, from: descriptor.number)
        }
    }

    /// Writes all or a part of the range.
    func write(_ range: GuestRange, of memory: GuestMemory) throws(Errno) -> Int {
        try withExtendedLifetime(self) { () throws(Errno) in
            try memory.write(range, to: descriptor.number)
        }
    }

    static func canBe(_ file: FileAttributes) -> Bool {
        file.isRegular || file.isDirectory
    }
}
