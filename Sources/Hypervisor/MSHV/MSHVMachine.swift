import CLinux
import Linux

/// A partition, without interrupt controllers.
public struct MSHVMachine<Device: MSHVDevice>: Machine, ~Copyable {
    private let device: Device
    private let descriptor: FileDescriptor
    private let counter: MSHVCounter

    init(_ device: Device, _ descriptor: consuming FileDescriptor, counter: MSHVCounter) {
        self.device = device
        self.descriptor = descriptor
        self.counter = counter
    }

    /// Each part becomes a region of its own (MSHV_SET_GUEST_MEMORY), with its rights in the
    /// hypervisor's tables. Kernels up to 6.18 pin all pages at once, for which the memory must
    /// still be writable.
    public borrowing func map(
        _ memory: borrowing MemoryMapping, count: Int, at guestAddress: UInt64,
        parts: @autoclosure () -> [MemoryPart]
    ) throws(HypervisorError) {
        for part in parts() {
            let (offset, isBelow) = part.addresses.lowerBound.subtractingReportingOverflow(
                guestAddress)
            let size = part.addresses.upperBound - part.addresses.lowerBound
            guard !isBelow, count >= 0, count <= memory.count, offset <= UInt64(count),
                size <= UInt64(count) - offset
            else { throw .mshvMapping(count: size, Errno(EINVAL)) }
            var region = linux_mshv_region()
            region.size = size
            region.guest_page = part.addresses.lowerBound >> 12
            // The mapping outlives the machine (see Machine.map), and holds the whole part.
            region.address = unsafe UInt64(UInt(bitPattern: memory.base)) + offset
            if part.isWritable { region.flags |= UInt8(LINUX_MSHV_WRITABLE) }
            if part.isExecutable { region.flags |= UInt8(LINUX_MSHV_EXECUTABLE) }
            try add(&region)
        }
    }

    private borrowing func add(_ region: inout linux_mshv_region) throws(HypervisorError) {
        let size = region.size
        do throws(Errno) {
            _ = unsafe try device.mshvCreating(
                descriptor.number, LINUX_MSHV_SET_GUEST_MEMORY, &region)
        } catch {
            throw .mshvMapping(count: size, error)
        }
    }

    public borrowing func makeVCPU(
        _ index: UInt32
    ) throws(HypervisorError) -> MSHVVCPU<Device> {
        let (device, partition) = (device, descriptor.number)
        let counter = counter
        let vcpu = try wrapping({ HypervisorError.mshv("create VP \(index)", $0) }) {
            () throws(Errno) in
            var index = index
            let created = try FileDescriptor(
                owning: unsafe device.mshvCreating(partition, LINUX_MSHV_CREATE_VP, &index))
            let page = try Self.registerPage(device, created.number)
            return MSHVVCPU(device, created, index: index, page: page, counter: counter)
        }
        try vcpu.hideFeatures()
        return vcpu
    }

    /// - Returns: nil if the hypervisor has none.
    private static func registerPage(
        _ device: Device, _ vp: Int32
    ) throws(Errno) -> MSHVRegisterPage? {
        do throws(Errno) {
            return try MSHVRegisterPage(
                device.mapPage(Int(LINUX_MSHV_REGISTER_PAGE), of: vp))
        } catch {
            if error.code == ENODEV { return nil }
            throw error
        }
    }
}
