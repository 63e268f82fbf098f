import CLinux
import Linux

/// The Microsoft Hypervisor of a Linux root partition, by /dev/mshv (Linux 6.15 and later).
///
/// For guests without interrupts. Microsoft calls a virtual machine a partition, and a vCPU a VP.
/// The specification of both is the TLFS ("Hypervisor Top Level Functional Specification").
public struct MSHV<Device: MSHVDevice>: ~Copyable {
    private let device: Device
    private let descriptor: FileDescriptor

    /// - Parameters:
    ///   - device: the system calls.
    ///   - path: the device's file.
    public init(_ device: Device, path: String = "/dev/mshv") throws(HypervisorError) {
        self.device = device
        descriptor = try wrapping({ HypervisorError.mshvUnavailable(device: path, $0) }) {
            () throws(Errno) in
            try device.open(path)
        }
    }

    public borrowing func makeMachine() throws(HypervisorError) -> MSHVMachine<Device> {
        let start = CounterMoment()
        let partition = try makePartition()
        let hypercall = MSHVHypercall(device)
        // The guest sees none of the hypervisor's own features. Before the initialization only.
        try hypercall.setProperty(
            LINUX_HV_SYNTHETIC_FEATURES, to: 0, of: partition.number,
            for: "leave out synthetic features")
        let (device, number) = (device, partition.number)
        _ = try wrapping({ HypervisorError.mshv("initialize the partition", $0) }) {
            () throws(Errno) in
            // There is no argument.
            unsafe try device.mshvCreating(number, LINUX_MSHV_INITIALIZE_PARTITION, nil)
        }
        let frequency = try hypercall.property(
            LINUX_HV_CLOCK_FREQUENCY, of: partition.number, for: "TSC frequency")
        return MSHVMachine(
            device, partition, counter: MSHVCounter(frequency: frequency, start: start))
    }

    private borrowing func makePartition() throws(HypervisorError) -> FileDescriptor {
        let (device, number) = (device, descriptor.number)
        return try wrapping(HypervisorError.mshvCreation) { () throws(Errno) in
            // No flags: no local APIC, and nothing that a kernel might not know.
            var request = linux_mshv_create_partition()
            return try FileDescriptor(
                owning: unsafe device.mshvCreating(
                    number, LINUX_MSHV_CREATE_PARTITION, &request))
        }
    }
}

extension MSHVDevice {
    /// An ioctl that is made again when a signal interrupts it.
    func mshvCreating(
        _ descriptor: Int32, _ request: UInt, _ argument: UnsafeMutableRawPointer?
    ) throws(Errno) -> Int32 {
        while true {
            do throws(Errno) {
                // The caller's struct is as long as the request's number says.
                return unsafe try ioctl(descriptor, request, argument)
            } catch {
                if error.code != EINTR { throw error }
            }
        }
    }
}
