import CLinux
import Linux

extension KVMMachine: InterruptMachine {
    public borrowing func addInterruptControllers(hasTimer: Bool) throws(HypervisorError) {
        // First: see `Machine.map` about the order.
        try restrictRegisters(to: .withInterrupts)
        guard linux_ioctl_value(descriptor.number, LINUX_KVM_CREATE_IRQCHIP, 0) == 0 else {
            throw .failed(operation: "create the interrupt controllers", .current)
        }
        if hasTimer {
            // No flags. The kernel reads the struct during the call; likewise below.
            var timer = kvm_pit_config()
            guard unsafe linux_ioctl(descriptor.number, LINUX_KVM_CREATE_PIT2, &timer) == 0 else {
                throw .failed(operation: "create the interval timer", .current)
            }
        }
        guard capability(KVM_CAP_X2APIC_API) > 0 else { return }
        var extended = kvm_enable_cap()
        extended.cap = UInt32(KVM_CAP_X2APIC_API)
        // 32-bit x2APIC IDs, without the broadcast quirk of 0xFF (KVM API 7.14).
        extended.args.0 = 3
        guard unsafe linux_ioctl(descriptor.number, LINUX_KVM_ENABLE_CAP, &extended) == 0 else {
            throw .failed(operation: "enable x2APIC ids", .current)
        }
    }

    public borrowing func makeVCPU(
        _ index: UInt32, of count: UInt32, brand: String
    ) throws(HypervisorError) -> KVMVCPU {
        let most = capability(KVM_CAP_MAX_VCPUS)
        guard most == 0 || index < UInt32(most) else {
            throw .failed(
                operation: "create vCPU \(index): this host's KVM has up to \(most)",
                Errno(EINVAL))
        }
        let cpuid = features.cpuid.normalized(
            Topology(id: index, count: count), brand: brand, registers: .withInterrupts
        ).withInterrupts(hasDeadlineTimer: capability(KVM_CAP_TSC_DEADLINE_TIMER) > 0)
        // Enabled at the default address; vCPU 0 is the BSP (Intel SDM volume 3, 11.4.4).
        let apicBase: UInt64 = 0xFEE0_0000 | 1 << 11 | (index == 0 ? 1 << 8 : 0)
        let vcpu = try makeVCPU(index, cpuid, apicBase: apicBase)
        try vcpu.makeRunnable()
        return vcpu
    }

    public borrowing func connect(
        _ doorbell: Doorbell, toEvent event: Int32
    ) throws(HypervisorError) {
        // Length 0 and no datamatch: stores of any width and value (KVM API 4.59).
        var request = kvm_ioeventfd()
        request.fd = event
        switch doorbell {
        case .memory(let address):
            request.addr = address
        case .port(let port):
            request.addr = UInt64(port)
            request.flags = 1 << UInt32(kvm_ioeventfd_flag_nr_pio)
        }
        guard unsafe linux_ioctl(descriptor.number, LINUX_KVM_IOEVENTFD, &request) == 0 else {
            throw .failed(operation: "connect a doorbell", .current)
        }
    }

    public borrowing func connectEvent(
        _ event: Int32, toLine line: UInt32
    ) throws(HypervisorError) {
        // In KVM's default routing, GSI n is pin n of both the PIC and the I/O APIC.
        var request = kvm_irqfd()
        request.fd = UInt32(bitPattern: event)
        request.gsi = line
        guard unsafe linux_ioctl(descriptor.number, LINUX_KVM_IRQFD, &request) == 0 else {
            throw .failed(operation: "connect interrupt line \(line)", .current)
        }
    }

    public borrowing func connectEnds(
        ofLine line: UInt32, toEvent event: Int32, besides idle: Int32
    ) throws(HypervisorError) {
        guard capability(KVM_CAP_IRQFD_RESAMPLE) > 0 else { return }
        // A resample irqfd (KVM API 4.75) that itself never asserts the line: KVM then signals the
        // EOI of all interrupts of the line, level-triggered or not. As the only source it would
        // assert the line until the EOI, which never comes if the line is edge-triggered and
        // masked.
        var request = kvm_irqfd()
        request.fd = UInt32(bitPattern: idle)
        request.gsi = line
        request.flags = UInt32(KVM_IRQFD_FLAG_RESAMPLE)
        request.resamplefd = UInt32(bitPattern: event)
        guard unsafe linux_ioctl(descriptor.number, LINUX_KVM_IRQFD, &request) == 0 else {
            throw .failed(operation: "connect the end of interrupt line \(line)", .current)
        }
    }
}
