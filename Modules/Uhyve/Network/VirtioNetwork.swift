import CLinux
import Linux
import Tender

/// The guest's network card: a virtio device at PCI address 00:00.0 (spec 11).
///
/// It has two faces and shows one of them, since the layouts that guests expect exclude each other:
/// both put their registers behind BAR 0, the one as memory, the other as ports, and kernels that
/// drive the modern one refuse the number of a transitional device.
/// - `modern` is spec 11.2: virtio 1.x, for kernels from 0.13.2 and interface versions from 2 on.
/// - `legacy` is virtio 0.9.5, for those of the time of spec 11.1.
///
/// The guest's vCPUs call from threads of their own, and one more thread exchanges frames. What
/// a driver does wrong stops the device, and nothing else, until the driver resets it.
final class VirtioNetwork: @unchecked Sendable {
    enum Face: Sendable {
        case modern, legacy
    }

    /// The modern face's BAR.
    static let memoryBase: UInt64 = 0xFE00_0000
    static let memorySize: UInt64 = 2 << 20
    /// The legacy face's BAR.
    static let portBase: UInt16 = 0xC000
    static let portCount: UInt16 = 32

    let face: Face
    private let tap: Int32
    private let bell: EventDescriptor

    /// Guards `device`.
    private let lock = Lock()
    /// Held while waiting for `lock` on the guest's behalf: the thread that exchanges frames and
    /// is back all the time passes through here, too, and so lets the guest in.
    private let gate = Lock()
    private var device: VirtioDevice

    // Set by `worker`, before the guest runs.
    private var interrupts = InterruptLine {}
    private var interrupt: Interrupt?
    private var warn: @Sendable (String) -> Void = { _ in }

    /// - Parameters:
    ///   - tap: what carries the frames. It must not block.
    ///   - mtu: the largest payload of a frame, in bytes.
    ///   - mac: the guest's own address, 6 bytes.
    init(
        tap: consuming FileDescriptor, mtu: UInt16, mac: [UInt8], face: Face
    ) throws(Errno) {
        self.face = face
        self.tap = tap.number
        bell = try EventDescriptor()
        let exchange = try FrameExchange(tap, mtu: mtu, face)
        device = VirtioDevice(face, NetworkFacts(mac: mac, mtu: mtu), exchange)
    }

    // MARK: Life

    /// The thread that exchanges frames, as soon as a driver is ready.
    ///
    /// - Parameters:
    ///   - ends: tells when the guest has ended an interrupt; nil if nothing does.
    ///   - interrupt: interrupts the guest by line 11; called on any thread.
    ///   - warn: tells the operator that a driver's fault stopped the card; called on any thread.
    func worker(
        memory: GuestMemory, ends: Interrupt? = nil, interrupt: @escaping @Sendable () -> Void,
        warn: @escaping @Sendable (String) -> Void = { _ in }
    ) -> Worker {
        self.warn = warn
        interrupts = InterruptLine(interrupt)
        self.interrupt = ends
        lock.withLock { device.connect(to: memory, interrupts) }
        return Worker("the network card") { self.serve($0) }
    }

    /// What the thread does.
    private func serve(_ thread: GuestThread) {
        var plan = VirtioDevice.Plan.whenRung
        var waiting = [bell.number, tap, interrupt?.end.number ?? -1].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        while true {
            // The kernel passes over negative numbers.
            waiting[1].fd = plan.awaitsFrames ? tap : -1
            guard thread.wait(for: &waiting, upTo: plan.timeout ?? .max) else { return }
            // Before the queues are looked at: whatever comes up from now on rings again.
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

    /// Why the device last stopped working.
    var lastFault: VirtioFault? {
        withDevice { device in device.lastFault }
    }

    private func withDevice<Value>(_ body: (inout VirtioDevice) -> Value) -> Value {
        let (value, fault) = gate.withLock {
            lock.withLock { (body(&device), device.takeFault()) }
        }
        if let fault { tell(fault) }
        return value
    }

    /// Outside of the lock: standard error may be slow.
    private func tell(_ fault: VirtioFault) {
        warn("network card: stopped by a fault of the guest's driver, until a reset: \(fault)")
    }

    // MARK: Doorbells

    /// What to signal when the guest notifies this queue, as KVM can do without an exit. All
    /// queues share one.
    func doorbell(queue: Int) -> Int32 { bell.number }

    /// Where a modern driver notifies this queue, by a store of any width.
    static func doorbellAddress(queue: Int) -> UInt64 {
        memoryBase + UInt64(ModernLayout.notification.lowerBound)
            + UInt64(queue * ModernLayout.notificationStride)
    }

    /// Where a legacy driver notifies any queue.
    static let doorbellPort = portBase + UInt16(LegacyRegisters.notification)

    /// Whether the interrupt should still be asserted, for whoever models it as a level.
    var isInterruptPending: Bool { interrupts.isPending }

    // MARK: Accesses of the guest

    /// Whether these ports are the device's.
    func contains(port: UInt16) -> Bool {
        if ConfigurationPorts.range.contains(port) { return true }
        return face == .legacy && port >= Self.portBase && port - Self.portBase < Self.portCount
    }

    /// Whether this address is the device's.
    func contains(_ address: UInt64) -> Bool {
        face == .modern && address >= Self.memoryBase && address - Self.memoryBase < Self.memorySize
    }

    func portRead(port: UInt16, width: UInt8) -> UInt32 {
        if ConfigurationPorts.range.contains(port) {
            return configurationRead(port: port, width: width)
        }
        guard let access = portAccess(port, width) else {
            return UInt32(truncatingIfNeeded: allOnes(width: width))
        }
        if access.offset == LegacyRegisters.interruptStatus {
            return UInt32(interrupts.acknowledge())
        }
        return withDevice { device in UInt32(truncatingIfNeeded: device.readPort(access)) }
    }

    func portWrite(port: UInt16, width: UInt8, value: UInt32) {
        if ConfigurationPorts.range.contains(port) {
            configurationWrite(port: port, width: width, value: value)
        } else if let access = portAccess(port, width) {
            if access.offset != LegacyRegisters.notification {
                withDevice { device in device.writePort(access, UInt64(value)) }
            }
            bell.signal()
        }
    }

    private func portAccess(_ port: UInt16, _ width: UInt8) -> RegisterAccess? {
        guard contains(port: port), port >= Self.portBase else { return nil }
        return RegisterAccess(offset: Int(port - Self.portBase), width: width)
    }

    func configurationRead(port: UInt16, width: UInt8) -> UInt32 {
        withDevice { device in device.readConfiguration(port, width) }
    }

    func configurationWrite(port: UInt16, width: UInt8, value: UInt32) {
        withDevice { device in device.writeConfiguration(port, width, value) }
    }

    func memoryRead(_ address: UInt64, width: UInt8) -> UInt64 {
        guard let access = memoryAccess(address, width) else { return allOnes(width: width) }
        if access.offset == ModernLayout.interruptStatus {
            return UInt64(interrupts.acknowledge())
        }
        return withDevice { device in device.readMemory(access) }
    }

    func memoryWrite(_ address: UInt64, width: UInt8, value: UInt64) {
        guard let access = memoryAccess(address, width) else { return }
        if !ModernLayout.notification.contains(access.offset) {
            withDevice { device in device.writeMemory(access, value) }
        }
        bell.signal()
    }

    private func memoryAccess(_ address: UInt64, _ width: UInt8) -> RegisterAccess? {
        guard contains(address) else { return nil }
        let offset = Int((address - Self.memoryBase) % UInt64(ModernLayout.period))
        return RegisterAccess(offset: offset, width: width)
    }
}
