import CLinux
import Linux

/// A machine of KVM's, with the few operations that the emulation needs.
final class KVMGuest: Sendable {
    let process: any VMMProcess
    private let kvm: Int32
    private let machine: Int32
    private let runPageSize: UInt

    init(of process: any VMMProcess) throws(Errno) {
        self.process = process
        var path = Array("/dev/kvm\0".utf8)
        // The path is an argument of the emulation's own, like a struct: through a page of the VMM's,
        // which is given back at once.
        let page = try process.map(4096)
        defer { process.unmap(page, 4096) }
        guard path.withUnsafeMutableBytes({ process.store(UnsafeRawBufferPointer($0), at: page) })
        else { throw Errno(EFAULT) }
        let flags = UInt(O_RDWR | O_CLOEXEC)
        kvm = try Int32(checked(process.call(Int(SYS_openat), UInt(bitPattern: -100), page, flags)))
        machine = try process.value(kvm, LINUX_KVM_CREATE_VM)
        runPageSize = UInt(try process.value(kvm, LINUX_KVM_GET_VCPU_MMAP_SIZE))
    }

    deinit {
        _ = process.call(Int(SYS_close), UInt(machine))
        _ = process.call(Int(SYS_close), UInt(kvm))
    }

    /// KVM_SET_USER_MEMORY_REGION; no bytes remove the slot's.
    func setMemory(
        slot: UInt32, at gpa: UInt64, address: UInt, count: UInt64, isReadOnly: Bool
    ) throws(Errno) {
        var region = kvm_userspace_memory_region(
            slot: slot, flags: isReadOnly ? UInt32(1 << 1) : 0, guest_phys_addr: gpa,
            memory_size: count, userspace_addr: UInt64(address))
        _ = try checked(process.ioctl(machine, LINUX_KVM_SET_USER_MEMORY_REGION, &region))
    }

    /// KVM_CAP_READONLY_MEM.
    var hasReadOnlyMemory: Bool {
        process.call(
            Int(SYS_ioctl), UInt(machine), LINUX_KVM_CHECK_EXTENSION, UInt(KVM_CAP_READONLY_MEM))
            > 0
    }

    func makeVCPU(_ index: UInt32) throws(Errno) -> KVMProcessor {
        let vcpu = try process.value(machine, LINUX_KVM_CREATE_VCPU, UInt(index))
        return try KVMProcessor(
            vcpu, of: process, kvm: kvm, runPage: process.map(runPageSize, of: vcpu))
    }
}

/// The result of a system call that is a negated error when it fails.
func checked(_ result: Int) throws(Errno) -> Int {
    guard result >= 0 || result < -4095 else { throw Errno(Int32(-result)) }
    return result
}

extension VMMProcess {
    /// ioctl(2) that takes and returns a number.
    func value(_ descriptor: Int32, _ request: UInt, _ argument: UInt = 0) throws(Errno) -> Int32 {
        while true {
            let result = call(Int(SYS_ioctl), UInt(descriptor), request, argument)
            // KVM_CREATE_VM, with a signal pending.
            if result != -Int(EINTR) { return Int32(truncatingIfNeeded: try checked(result)) }
        }
    }

    func map(_ count: UInt, of descriptor: Int32 = -1) throws(Errno) -> UInt {
        let flags = descriptor < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED
        let address = call(
            Int(SYS_mmap), 0, count, UInt(PROT_READ | PROT_WRITE), UInt(flags),
            UInt(bitPattern: Int(descriptor)), 0)
        return UInt(bitPattern: try checked(address))
    }

    func unmap(_ address: UInt, _ count: UInt) { _ = call(Int(SYS_munmap), address, count) }
}
