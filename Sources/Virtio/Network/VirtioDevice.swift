import Tender

/// The network device without its threads: registers, queues, state transitions.
struct VirtioDevice: ~Copyable {
    private let transport: VirtioTransport
    private let facts: NetworkFacts
    private var configuration: ConfigurationPorts
    private var driver: DriverState
    private var exchange: FrameExchange
    /// Set from DRIVER_OK on.
    private var receiveQueue: SplitQueue?
    private var transmitQueue: SplitQueue?
    /// The driver's first fault, to be reported.
    private var fault: VirtioFault?
    private var isFaultTold = false

    // Set when the guest is loaded.
    private var memory: GuestMemory?
    private var interrupts = InterruptLine {}

    init(
        _ transport: VirtioTransport, _ placement: PCIPlacement, _ facts: NetworkFacts,
        _ exchange: consuming FrameExchange
    ) {
        self.transport = transport
        self.facts = facts
        self.exchange = exchange
        configuration = ConfigurationPorts(transport, placement)
        driver = DriverState(transport, features: facts.features)
    }

    mutating func connect(to memory: GuestMemory, _ interrupts: InterruptLine) {
        self.memory = memory
        self.interrupts = interrupts
    }

    // MARK: Registers

    /// - Parameter offset: the offset from the first configuration port.
    func readConfiguration(at offset: UInt64, width: UInt8) -> UInt64 {
        configuration.read(at: offset, width: width)
    }

    mutating func writeConfiguration(_ value: UInt64, at offset: UInt64, width: UInt8) {
        configuration.write(value, at: offset, width: width)
        interrupts.setAllowed(configuration.space.allowsInterrupts)
    }

    func read(_ access: RegisterAccess) -> UInt64 {
        access.read { index in
            switch (transport, index * 4) {
            case (.modern, ModernLayout.common):
                ModernRegisters.word(index - ModernLayout.common.lowerBound / 4, of: driver)
            case (.modern, ModernLayout.device):
                facts.word(index - ModernLayout.device.lowerBound / 4)
            case (.modern, _): 0
            case (.legacy, ..<LegacyRegisters.device): LegacyRegisters.word(index, of: driver)
            case (.legacy, _): facts.word(index - LegacyRegisters.device / 4)
            }
        }
    }

    mutating func write(_ access: RegisterAccess, _ value: UInt64) {
        switch transport {
        case .modern:
            let offset = access.offset - ModernLayout.common.lowerBound
            if let register = RegisterAccess(offset: offset, width: UInt8(access.width)) {
                take(ModernRegisters.write(register, value, to: &driver))
            }
        case .legacy: take(LegacyRegisters.write(access, value, to: &driver, memory))
        }
    }

    // MARK: Life

    private mutating func take(_ step: DriverState.Step) {
        switch step {
        case .none: break
        case .start:
            do throws(VirtioFault) {
                try start()
            } catch {
                fail(error)
            }
        case .reset:
            stop()
            _ = interrupts.acknowledge()
        case .stop: stop()
        case .fault(let fault): fail(fault)
        }
    }

    private mutating func start() throws(VirtioFault) {
        guard let memory else { throw .layout }
        let receive = try queue(QueueIndex.receive, memory)
        let transmit = try queue(QueueIndex.transmit, memory)
        try refuseOverlaps((receive?.parts ?? []) + (transmit?.parts ?? []))
        receiveQueue = receive
        transmitQueue = transmit
    }

    private func queue(_ index: Int, _ memory: GuestMemory) throws(VirtioFault) -> SplitQueue? {
        let setup = driver.queues[index]
        return setup.isEnabled ? try SplitQueue(setup, memory) : nil
    }

    /// All areas are in memory, so that no end wraps around.
    private func refuseOverlaps(
        _ parts: [(start: GuestAddress, count: UInt64)]
    ) throws(VirtioFault) {
        for (index, part) in parts.enumerated() {
            for other in parts[..<index]
            where part.start.value < other.start.value + other.count
                && other.start.value < part.start.value + part.count
            {
                throw .layout
            }
        }
    }

    private mutating func stop() {
        receiveQueue = nil
        transmitQueue = nil
    }

    private mutating func fail(_ fault: VirtioFault) {
        stop()
        if self.fault == nil { self.fault = fault }
        let wasReady = driver.status & DeviceStatus.driverOK != 0
        driver.needsReset()
        if wasReady { interrupts.raise(InterruptCause.configuration) }
    }

    /// The device's first fault, once; nil afterwards, since the guest controls their number.
    mutating func takeFault() -> VirtioFault? {
        guard let fault, !isFaultTold else { return nil }
        isFaultTold = true
        return fault
    }

    // MARK: Service

    /// The time to serve again, unless a doorbell rings before.
    struct Plan: Equatable {
        /// Serve when the tap is readable.
        var awaitsFrames: Bool
        /// Serve after this many nanoseconds; nil for never.
        var timeout: UInt64?

        static let whenRung = Plan(awaitsFrames: false, timeout: nil)
        /// The delay before a failing tap is tried again, in nanoseconds.
        static let rest: UInt64 = 100_000_000
    }

    /// Exchanges frames, up to one turn in each direction.
    mutating func serve(tapIsReady: Bool) -> Plan {
        do throws(VirtioFault) {
            guard let memory else { return .whenRung }
            var plan = Plan.whenRung
            try send(memory, &plan)
            try receive(memory, tapIsReady, &plan)
            return plan
        } catch {
            fail(error)
            return .whenRung
        }
    }

    private mutating func send(_ memory: GuestMemory, _ plan: inout Plan) throws(VirtioFault) {
        guard var queue = transmitQueue else { return }
        let result = try exchange.transmit(&queue, memory)
        transmitQueue = queue
        if result.progress == .more { plan.timeout = 0 }
        try interrupt(for: queue, result, memory)
    }

    private mutating func receive(
        _ memory: GuestMemory, _ tapIsReady: Bool, _ plan: inout Plan
    ) throws(VirtioFault) {
        guard var queue = receiveQueue else { return }
        guard tapIsReady || exchange.hasFrames else {
            plan.awaitsFrames = try queue.hasChain(in: memory)
            receiveQueue = queue
            return
        }
        let result = try exchange.receive(&queue, memory)
        receiveQueue = queue
        switch result.progress {
        case .done, .more:
            plan.awaitsFrames = true
            // The tap need not be readable for the rest of what it has delivered.
            if exchange.hasFrames { plan.timeout = 0 }
        case .noBuffers: break
        case .broken: plan.timeout = plan.timeout == 0 ? 0 : Plan.rest
        }
        try interrupt(for: queue, result, memory)
    }

    private func interrupt(
        for queue: SplitQueue, _ result: FrameExchange.Result, _ memory: GuestMemory
    ) throws(VirtioFault) {
        if result.isUsed, try queue.wantsInterrupt(memory) {
            interrupts.raise(InterruptCause.queue)
        }
    }
}
