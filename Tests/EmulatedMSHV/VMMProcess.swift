import CEmulation
import CLinux

/// The process of a VMM: the memory that its pointers are about, and the system calls on a KVM machine,
/// which KVM accepts only from the address space that made the machine.
public protocol VMMProcess: Sendable {
    var id: Int32 { get }

    /// A system call. Returns its result, or an error's number negated, as the kernel does.
    func call(_ number: Int, _ arguments: UInt...) -> Int

    /// ioctl(2) with an argument that is not in the VMM's memory, but here.
    func ioctl(
        _ descriptor: Int32, _ request: UInt, _ argument: UnsafeMutableRawBufferPointer
    ) -> Int

    /// KVM_RUN. Ends with -EINTR when the VMM's thread that waits for it gets a signal.
    func run(_ vcpu: Int32) -> Int

    /// Copies from the VMM's memory. Returns false where there is none.
    func load(_ address: UInt, into bytes: UnsafeMutableRawBufferPointer) -> Bool

    /// Copies to the VMM's memory.
    func store(_ bytes: UnsafeRawBufferPointer, at address: UInt) -> Bool
}

extension VMMProcess {
    func load(_ address: UInt, count: Int) -> Bytes? {
        var bytes = Bytes(count: count)
        let isThere = bytes.all.withUnsafeMutableBytes { load(address, into: $0) }
        return isThere ? bytes : nil
    }

    func store(_ bytes: Bytes, at address: UInt) -> Bool {
        bytes.all.withUnsafeBytes { store($0, at: address) }
    }

    /// ioctl(2) with a struct of the kernel's.
    func ioctl<Argument: BitwiseCopyable>(
        _ descriptor: Int32, _ request: UInt, _ argument: inout Argument
    ) -> Int {
        withUnsafeMutableBytes(of: &argument) { ioctl(descriptor, request, $0) }
    }
}

/// This process.
public struct LocalProcess: VMMProcess {
    public init() {}

    public var id: Int32 { getpid() }

    public func call(_ number: Int, _ arguments: UInt...) -> Int {
        func argument(_ index: Int) -> UInt { index < arguments.count ? arguments[index] : 0 }
        return emulation_call(
            number, argument(0), argument(1), argument(2), argument(3), argument(4), argument(5))
    }

    public func ioctl(
        _ descriptor: Int32, _ request: UInt, _ argument: UnsafeMutableRawBufferPointer
    ) -> Int {
        call(Int(SYS_ioctl), UInt(descriptor), request, UInt(bitPattern: argument.baseAddress))
    }

    public func run(_ vcpu: Int32) -> Int { call(Int(SYS_ioctl), UInt(vcpu), LINUX_KVM_RUN, 0) }

    public func load(_ address: UInt, into bytes: UnsafeMutableRawBufferPointer) -> Bool {
        transfer(
            Int(SYS_process_vm_readv), UInt(bitPattern: bytes.baseAddress), address, bytes.count)
    }

    public func store(_ bytes: UnsafeRawBufferPointer, at address: UInt) -> Bool {
        transfer(
            Int(SYS_process_vm_writev), UInt(bitPattern: bytes.baseAddress), address, bytes.count)
    }

    /// By the kernel, for which a wrong address is an error.
    private func transfer(_ number: Int, _ here: UInt, _ there: UInt, _ count: Int) -> Bool {
        guard count > 0 else { return true }
        let local = iovec(iov_base: UnsafeMutableRawPointer(bitPattern: here), iov_len: count)
        let remote = iovec(iov_base: UnsafeMutableRawPointer(bitPattern: there), iov_len: count)
        return withUnsafePointer(to: local) { local in
            withUnsafePointer(to: remote) { remote in
                call(
                    number, UInt(id), UInt(bitPattern: local), 1, UInt(bitPattern: remote), 1, 0)
                    == count
            }
        }
    }
}
