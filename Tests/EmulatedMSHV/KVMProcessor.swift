import CLinux
import Linux

/// A vCPU of KVM's.
final class KVMProcessor: Sendable {
    private let descriptor: Int32
    private let process: any VMMProcess
    private let kvm: Int32
    private let runPage: UInt

    init(_ descriptor: Int32, of process: any VMMProcess, kvm: Int32, runPage: UInt) {
        self.descriptor = descriptor
        self.process = process
        self.kvm = kvm
        self.runPage = runPage
    }

    deinit { _ = process.call(Int(SYS_close), UInt(descriptor)) }

    // MARK: Registers

    func registers() throws(Errno) -> RegisterFile {
        var general = kvm_regs()
        _ = try checked(process.ioctl(descriptor, LINUX_KVM_GET_REGS, &general))
        var system = kvm_sregs()
        _ = try checked(process.ioctl(descriptor, LINUX_KVM_GET_SREGS, &system))
        return RegisterFile(general, system)
    }

    func set(_ registers: RegisterFile) throws(Errno) {
        // All system registers at once: KVM refuses EFER.LMA without CR0.PG.
        if registers.hasSystemChanges {
            var system = registers.system
            // No pending interrupt; the bitmap is not the VMM's.
            _ = try checked(process.ioctl(descriptor, LINUX_KVM_SET_SREGS, &system))
        }
        var general = registers.general
        _ = try checked(process.ioctl(descriptor, LINUX_KVM_SET_REGS, &general))
    }

    /// KVM_GET_MSRS, which is _IOWR(KVMIO, 0x88, struct kvm_msrs).
    func msr(_ number: UInt32) throws(Errno) -> UInt64 {
        var request = linux_kvm_one_msr()
        request.count = 1
        request.entry.index = number
        guard try checked(process.ioctl(descriptor, 0xC008_AE88, &request)) == 1 else {
            throw Errno(EINVAL)
        }
        return request.entry.data
    }

    func setMSR(_ number: UInt32, _ value: UInt64) throws(Errno) {
        var request = linux_kvm_one_msr()
        request.count = 1
        request.entry.index = number
        request.entry.data = value
        guard try checked(process.ioctl(descriptor, LINUX_KVM_SET_MSRS, &request)) == 1 else {
            throw Errno(EINVAL)
        }
    }

    /// The state of floating-point units: 4 KiB that begin as FXSAVE has it (KVM_GET_XSAVE).
    func floatingPoint() throws(Errno) -> Bytes {
        var state = Bytes(count: 4096)
        _ = try checked(
            state.all.withUnsafeMutableBytes {
                process.ioctl(descriptor, LINUX_KVM_GET_XSAVE, $0)
            })
        return state
    }

    func setFloatingPoint(_ state: Bytes) throws(Errno) {
        var state = state
        // What is not marked as being there would be reset (XSTATE_BV): x87, SSE.
        state.set(512, state.get(512, as: UInt64.self) | 3)
        _ = try checked(
            state.all.withUnsafeMutableBytes {
                process.ioctl(descriptor, LINUX_KVM_SET_XSAVE, $0)
            })
    }

    /// In Hz.
    func counterFrequency() throws(Errno) -> UInt64 {
        UInt64(try process.value(descriptor, LINUX_KVM_GET_TSC_KHZ)) * 1000
    }

    /// Where in guest-physical memory a virtual address is (KVM_TRANSLATE, which is _IOWR(KVMIO, 0x85,
    /// struct kvm_translation)).
    func translate(_ address: UInt64) -> UInt64? {
        var translation = kvm_translation()
        translation.linear_address = address
        guard process.ioctl(descriptor, 0xC018_AE85, &translation) == 0, translation.valid != 0
        else { return nil }
        return translation.physical_address
    }

    // MARK: CPUID

    /// The leaves that KVM can offer, each of 40 bytes (struct kvm_cpuid_entry2).
    func supportedCPUID() throws(Errno) -> [kvm_cpuid_entry2] {
        let room = 256
        var block = Bytes(count: 8 + room * MemoryLayout<kvm_cpuid_entry2>.stride)
        block.set(0, UInt32(room))
        let request = LINUX_KVM_GET_SUPPORTED_CPUID
        _ = try checked(block.all.withUnsafeMutableBytes { process.ioctl(kvm, request, $0) })
        let count = min(room, Int(block.get(0, as: UInt32.self)))
        return block.all.withUnsafeBytes { bytes in
            (0..<count).map {
                bytes.loadUnaligned(
                    fromByteOffset: 8 + $0 * MemoryLayout<kvm_cpuid_entry2>.stride,
                    as: kvm_cpuid_entry2.self)
            }
        }
    }

    func setCPUID(_ entries: [kvm_cpuid_entry2]) throws(Errno) {
        let stride = MemoryLayout<kvm_cpuid_entry2>.stride
        var block = Bytes(count: 8 + entries.count * stride)
        block.set(0, UInt32(entries.count))
        for (index, entry) in entries.enumerated() {
            block.set(8 + index * stride, bytes: withUnsafeBytes(of: entry) { Array($0) })
        }
        _ = try checked(
            block.all.withUnsafeMutableBytes {
                process.ioctl(descriptor, LINUX_KVM_SET_CPUID2, $0)
            })
    }

    // MARK: Running

    /// The beginning of the run page after a run; nil if a signal ended it.
    func run() throws(Errno) -> Bytes? {
        let result = process.run(descriptor)
        if result == -Int(EINTR) || result == -Int(EAGAIN) { return nil }
        _ = try checked(result)
        guard let page = process.load(runPage, count: 128) else { throw Errno(EFAULT) }
        // A signal, as some kernels tell it.
        let reason = page.get(Int(LINUX_KVM_RUN_EXIT_REASON), as: UInt32.self)
        return reason == UInt32(KVM_EXIT_INTR) ? nil : page
    }

    /// Has KVM complete an access to a port or device, by runs with immediate_exit, which enter no guest.
    func completeAccess() throws(Errno) {
        setImmediateExit(true)
        defer { setImmediateExit(false) }
        // An access across the end of a page is two.
        for _ in 1...8 {
            let result = process.call(Int(SYS_ioctl), UInt(descriptor), LINUX_KVM_RUN, 0)
            if result == -Int(EINTR) { return }
            _ = try checked(result)
        }
        throw Errno(ELOOP)
    }

    private func setImmediateExit(_ value: Bool) {
        let byte: [UInt8] = [value ? 1 : 0]
        _ = byte.withUnsafeBytes {
            process.store($0, at: runPage + UInt(LINUX_KVM_RUN_IMMEDIATE_EXIT))
        }
    }
}
