import CLinux
import Hypervisor
import Linux
import Network
import Tender

/// A network card: a virtio-net device on a PCI bus.
///
/// The guest's vCPUs call on their own threads, and a worker thread exchanges frames. A driver's
/// fault stops only the device, until the driver resets it.
public final class VirtioNetwork: BusDevice, @unchecked Sendable {
    private let transport: VirtioTransport
    private let placement: PCIPlacement
    private let tap: Int32
    private let bell: EventDescriptor

    /// Guards `device`.
    private let lock = Lock()
    /// Held while a vCPU waits for `lock`: the worker, which takes `lock` all the time, passes
    /// through here, too, so that vCPUs are not starved.
    private let gate = Lock()
    private var device: VirtioDevice

    // Set by `worker`, before the guest runs.
    private var interrupts = InterruptLine {}
    private var interrupt: Interrupt?
    private var warn: @Sendable (String) -> Void = { _ in }

    /// - Parameter mac: the guest's MAC address, 6 bytes.
    public init(
        _ backend: NetworkBackend, mac: [UInt8], _ transport: VirtioTransport,
        _ placement: PCIPlacement
    ) throws(Errno) {
        self.transport = transport
        self.placement = placement
        tap = backend.descriptor
        bell = try EventDescriptor()
        device = VirtioDevice(
            transport, placement, NetworkFacts(mac: mac, mtu: backend.mtu),
            FrameExchange(backend, transport))
    }

    // MARK: Life

    /// The worker thread that exchanges frames when a driver is ready.
    ///
    /// - Parameters:
    ///   - ends: signals the guest's ends of interrupt (EOI); nil if the hypervisor does not.
    ///   - interrupt: raises the card's interrupt line; called on any thread.
    ///   - warn: prints that a driver's fault stopped the card; called on any thread.
    public func worker(
        memory: GuestMemory, ends: Interrupt? = nil, interrupt: @escaping @Sendable () -> Void,
        warn: @escaping @Sendable (String) -> Void = { _ in }
    ) -> Worker {
        self.warn = warn
        interrupts = InterruptLine(interrupt)
        self.interrupt = ends
        lock.withLock { device.connect(to: memory, interrupts) }
        return Worker("the network card") { self.serve($0) }
    }

    /// The worker's loop.
    private func serve(_ thread: GuestThread) {
        var plan = VirtioDevice.Plan.whenRung
        var waiting = [bell.number, tap, interrupt?.end.number ?? -1].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        while true {
            // ppoll(2) ignores negative descriptors.
            waiting[1].fd = plan.awaitsFrames ? tap : -1
            guard thread.wait(for: &waiting, upTo: plan.timeout ?? .max) else { return }
            // Cleared before the queues are read: later requests signal again.
            if waiting[0].revents != 0 { bell.clear() }
            if waiting[2].revents != 0, let interrupt {
                interrupt.end.clear()
                interrupts.ended()
            }
            gate.withLock {}
            let tapIsReady = waiting[1].revents != 0
            let (next, fault) = lock.withLock {
                (device.serve(tapIsReady: tapIsReady), device.takeFault())
            }
            if let fault { tell(fault) }
            plan = next
        }
    }

    private func withDevice<Value>(_ body: (inout VirtioDevice) -> Value) -> Value {
        let (value, fault) = gate.withLock {
            lock.withLock { (body(&device), device.takeFault()) }
        }
        if let fault { tell(fault) }
        return value
    }

    /// Called outside the lock: standard error may be slow.
    private func tell(_ fault: VirtioFault) {
        warn("network card: stopped by a fault of the guest's driver, until a reset: \(fault)")
    }

    // MARK: Doorbells

    /// The eventfd to signal when the guest notifies this queue (ioeventfd). All queues share one.
    func doorbell(queue: Int) -> Int32 { bell.number }

    /// The address at which a driver notifies this queue, by a store of any width.
    func doorbellAddress(queue: Int) -> Doorbell {
        switch transport {
        case .modern:
            let offset = ModernLayout.notification.lowerBound
            return .memory(
                address: placement.base + UInt64(offset + queue * ModernLayout.notificationStride))
        case .legacy:
            return .port(UInt16(truncatingIfNeeded: placement.base) + LegacyRegisters.notification)
        }
    }

    /// Connects the card's doorbells and interrupt line to eventfds.
    public func connect(
        to machine: borrowing some InterruptMachine & ~Copyable, _ interrupt: Interrupt
    ) throws(HypervisorError) {
        try interrupt.connect(to: machine, line: UInt32(placement.interruptLine))
        // Legacy drivers notify all queues at one port.
        for queue in 0..<(transport == .modern ? QueueIndex.count : 1) {
            try machine.connect(doorbellAddress(queue: queue), toEvent: doorbell(queue: queue))
        }
    }

    // MARK: Accesses of the guest

    /// Claims the card's configuration ports and registers on the guest's buses.
    public func claim(in buses: inout Buses) throws(TenderError) {
        try buses.ports.claim(ConfigurationPorts.range, for: ConfigurationAccess(self))
        switch transport {
        case .modern:
            let end = placement.base + ModernLayout.size
            try buses.memory.claim(placement.base...end - 1, for: self)
        case .legacy:
            let base = UInt16(truncatingIfNeeded: placement.base)
            try buses.ports.claim(base...base + LegacyRegisters.size - 1, for: self)
        }
    }

    /// Reads from BAR 0.
    public func read(at offset: UInt64, width: UInt8) -> UInt64 {
        guard let access = access(offset, width) else { return allOnes(width: width) }
        let interruptStatus =
            transport == .modern ? ModernLayout.interruptStatus : LegacyRegisters.interruptStatus
        if access.offset == interruptStatus { return UInt64(interrupts.acknowledge()) }
        return withDevice { device in device.read(access) }
    }

    /// Writes to BAR 0.
    public func write(_ value: UInt64, at offset: UInt64, width: UInt8) {
        guard let access = access(offset, width) else { return }
        let isNotification =
            transport == .modern
            ? ModernLayout.notification.contains(access.offset)
            : access.offset == Int(LegacyRegisters.notification)
        if !isNotification {
            withDevice { device in device.write(access, value) }
        }
        bell.signal()
    }

    private func access(_ offset: UInt64, _ width: UInt8) -> RegisterAccess? {
        RegisterAccess(offset: Int(offset % ModernLayout.period), width: width)
    }

    /// The card's configuration ports as a bus device.
    private final class ConfigurationAccess: BusDevice {
        private let network: VirtioNetwork

        init(_ network: VirtioNetwork) {
            self.network = network
        }

        func read(at offset: UInt64, width: UInt8) -> UInt64 {
            network.withDevice { device in device.readConfiguration(at: offset, width: width) }
        }

        func write(_ value: UInt64, at offset: UInt64, width: UInt8) {
            network.withDevice { device in
                device.writeConfiguration(value, at: offset, width: width)
            }
        }
    }
}
