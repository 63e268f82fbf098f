import CLinux
import Hypervisor
import Linux

/// The emulation in the place of the system calls that the back end is generic over.
public struct EmulatedDevice: MSHVDevice {
    private let emulation: EmulatedMSHV

    public init(_ emulation: EmulatedMSHV) { self.emulation = emulation }

    public func open(_ path: String) throws(Errno) -> FileDescriptor {
        try FileDescriptor(owning: descriptor(of: emulation.open()))
    }

    public func ioctl(
        _ descriptor: Int32, _ request: UInt, _ argument: UnsafeMutableRawPointer?
    ) throws(Errno) -> Int32 {
        switch try emulation.ioctl(descriptor, request, UInt(bitPattern: argument)) {
        case .value(let value): value
        case .opened(let object): try self.descriptor(of: object)
        }
    }

    public func mapPage(_ page: Int, of descriptor: Int32) throws(Errno) -> MemoryMapping {
        try MemoryMapping.shared(4096, with: descriptor, offset: page * 4096)
    }

    private func descriptor(of object: any EmulatedMSHV.Object) throws(Errno) -> Int32 {
        let number = linux_fcntl(object.fileNumber, F_DUPFD_CLOEXEC, 3)
        guard number >= 0 else { throw Errno.current }
        emulation.adopt(object, as: number)
        return number
    }
}
