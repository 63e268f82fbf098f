import CLinux
import Linux
import Tender

/// What a descriptor of the guest's stands for.
enum OpenFile {
    case host(HostFile)
    case archived(OpenArchivedFile)
    case listing(MappingListing)
}

/// An open file or directory of the host; closed when the last call that uses it is over.
///
/// A vCPU that reads while another closes the same descriptor holds on to this object, so the host's
/// number can't meanwhile become that of another file.
final class HostFile: Sendable {
    let descriptor: FileDescriptor
    let isDirectory: Bool

    /// - Throws: EACCES for devices, FIFOs and sockets. The guest has no business with the drivers
    ///   and processes behind them, and could wait for them for ever.
    init(_ descriptor: consuming FileDescriptor) throws(Errno) {
        let attributes = try FileAttributes(of: descriptor)
        guard Self.canBe(attributes) else { throw Errno(EACCES) }
        isDirectory = attributes.isDirectory
        self.descriptor = descriptor
    }

    // The number alone would not keep the file open: these hold on to the object to the end.

    func read(into range: GuestRange, of memory: GuestMemory) throws(Errno) -> Int {
        try withExtendedLifetime(self) { () throws(Errno) in
            try memory.read(into: range, from: descriptor.number)
        }
    }

    /// Writes a part, or all of it.
    func write(_ range: GuestRange, of memory: GuestMemory) throws(Errno) -> Int {
        try withExtendedLifetime(self) { () throws(Errno) in
            try memory.write(range, to: descriptor.number)
        }
    }

    static func canBe(_ file: FileAttributes) -> Bool {
        file.isRegular || file.isDirectory
    }
}
