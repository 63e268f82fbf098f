import CLinux
import Hypervisor
import Linux
import Tender

/// A Hermit guest in its machine, about to run or running.
struct HermitGuest<CPU: InterruptCPU> {
    private let plan: HermitPlan
    private let attachment: HermitAttachment
    private let memory: GuestMemory
    private let vcpus: [CPU]
    /// What signals an interrupt of the network card's to the machine.
    private let interrupt: Interrupt
    private let missingProtections: [String]

    /// What the processor calls itself, as under uhyve.
    private static var brand: String { "uhyve - unikernel hypervisor" }

    /// Prepares memory and vCPUs for the guest's first instruction (spec 3).
    init<Host: InterruptMachine & ~Copyable>(
        _ plan: HermitPlan, _ attachment: HermitAttachment, in machine: borrowing Host
    ) throws(TenderError) where Host.CPU == CPU {
        let layout = plan.layout
        let size = layout.memory.upperBound - layout.memory.lowerBound
        let memory = try wrapping({ .memory(count: size, $0) }) { () throws(Errno) in
            try GuestMemory(start: GuestAddress(layout.memory.lowerBound), count: size)
        }
        interrupt = try wrapping({ .failed("Could not make an event descriptor: \($0)") }) {
            () throws(Errno) in try Interrupt()
        }
        let interrupt = interrupt
        vcpus = try wrapping(TenderError.hypervisor) { () throws(HypervisorError) in
            try memory.withMapping { (mapping) throws(HypervisorError) in
                if plan.options.prefersHugePages {
                    mapping.preferHugePages(offset: 0, count: Int(size))
                }
                if plan.options.sharesEqualPages { mapping.shareEqualPages() }
                try machine.map(mapping, count: Int(size), at: layout.memory.lowerBound)
            }
            try machine.addInterruptControllers(hasTimer: plan.options.hasTimer)
            if let network = attachment.network { try network.connect(to: machine, interrupt) }
            var vcpus: [CPU] = []
            for index in 0..<plan.options.cpuCount {
                vcpus.append(
                    try machine.makeVCPU(
                        index, of: plan.options.cpuCount, brand: Self.brand))
            }
            return vcpus
        }
        Stage.machineCreated.mark()
        missingProtections = machine.missingProtections()
        self.plan = plan
        self.attachment = attachment
        self.memory = memory
        try prepare()
        Stage.imageLoaded.mark()
    }

    private func prepare() throws(TenderError) {
        let frequency = try wrapping(TenderError.hypervisor) { () throws(HypervisorError) in
            UInt32(clamping: (try vcpus.first?.counterFrequency() ?? 0) / 1000)
        }
        let cpuCount = plan.options.cpuCount
        let information = BootInformation(
            layout: plan.layout, notes: plan.image.notes, threadLocal: plan.image.threadLocal,
            hasPCI: attachment.network != nil, cpuCount: cpuCount, counterFrequency: frequency,
            bootTime: Clock.realTime)
        let deviceTree = DeviceTree.hermit(
            memory: plan.layout.memory, cpuCount: cpuCount, counterFrequency: frequency,
            mountPoints: attachment.files.mountPoints,
            bootArguments: plan.arguments.bootArguments)
        let boot = HermitBoot(memory: memory, layout: plan.layout)
        try boot.prepare(plan.image, information, deviceTree)
        try wrapping(TenderError.hypervisor) { () throws(HypervisorError) in
            for (index, vcpu) in vcpus.enumerated() {
                try vcpu.load(
                    boot.state(entry: plan.image.executable.entry, cpu: UInt32(index)))
                // In version 1 of the interface, arguments are not in registers.
                if plan.image.notes.interfaceVersion > 1 { vcpu.prefetchRegisters() }
            }
        }
    }

    /// Runs the guest to its end.
    ///
    /// - Parameter ending: has been told of signals.
    /// - Returns: the exit status.
    func run(
        _ ending: Ending, _ lock: LaunchLock, _ observation: Observation,
        warn: @escaping (String) -> Void
    ) throws(TenderError) -> Int32 {
        // Messages are independent of each other, and whoever writes them does so at once.
        nonisolated(unsafe) let warn = warn
        let calls = Hypercalls(
            memory: memory, console: attachment.console, files: attachment.files,
            arguments: plan.arguments, warn: { unsafe warn($0) })
        let symbols = plan.image.symbols(bias: plan.layout.bias)
        let loops = vcpus.enumerated().map { index, vcpu in
            let loop = VCPULoop(index, vcpu, calls, attachment.network, ending, observation)
            loop.symbols = symbols
            return loop
        }
        try start(loops, lock, observation)
        let outcome = end(loops, ending)
        observation.ended(GuestEnd(outcome))
        Stage.guestHalted.mark()
        if plan.options.showsStatistics {
            Output.write(Statistics.text(loops.map { $0.counters }), to: STDOUT_FILENO)
        }
        Stage.report()
        abandon()
        switch outcome {
        case .exit(let code): return code & 0xFF
        case .stopped(let status): return status
        case .failure(let error, _): throw error
        case nil: throw .failed("Exiting on signal \(Signals.diverted ?? 0)")
        }
    }

    /// What is needed from the start on. Files that the guest opens have whatever numbers are free.
    private func confinement(_ observation: Observation) -> Confinement {
        var bindings = Bindings()
        for vcpu in vcpus { bindings.bind(vcpu) }
        attachment.console.bind(in: &bindings)
        if plan.image.symbols(bias: 0) != nil {
            bindings.bind(Core.image, to: plan.image.file.descriptorNumber)
        }
        attachment.files.bind(in: &bindings)
        if let archive = plan.archive {
            bindings.bind(UhyveModule.archive, to: archive.descriptorNumber)
        }
        var confinement = Confinement(
            [UhyveModule.manifest], bindings, observation, places: attachment.files.reachable)
        confinement.descriptors = nil
        confinement.missingProtections = missingProtections
        return confinement
    }

    /// Leaves threads, memory and vCPUs to the end of the process, which is about to come: the kernel
    /// takes down all at once what it would take us longer to give back piece by piece.
    private func abandon() {
        // Never released, and so never unmapped or closed by us.
        unsafe _ = Unmanaged.passRetained(memory)
        for vcpu in vcpus { unsafe _ = Unmanaged.passRetained(vcpu) }
    }

    /// How much of the heap to have before the guest runs, in bytes. A guest with many files open and
    /// long paths may make us need more.
    private static var reservedHeap: Int { 4 << 20 }

    /// Has all vCPUs run, and the network card.
    private func start(
        _ loops: [VCPULoop<CPU>], _ lock: LaunchLock, _ observation: Observation
    ) throws(TenderError) {
        let confinement = confinement(observation)
        try lock.confine(confinement)
        try wrapping({ .failed("Could not reserve memory: \($0)") }) { () throws(Errno) in
            try Heap.settle(reserving: Self.reservedHeap)
        }
        // Everybody who is there when the guest begins, this thread included.
        let barrier = Barrier(count: UInt32(loops.count + (attachment.network == nil ? 1 : 2)))
        try wrapping({ .failed("Could not start a thread: \($0)") }) { () throws(Errno) in
            try Thread.prepareInterruptions()
            try attachment.network?.start(
                memory: memory,
                prepare: {
                    barrier.wait()
                    barrier.wait()
                },
                interrupt: { [interrupt] in interrupt.event.signal() })
            for loop in loops {
                loop.thread = try Thread.start {
                    Thread.allowInterruptions()
                    barrier.wait()
                    barrier.wait()
                    loop.live()
                    Thread.park()
                }
            }
        }
        if let affinity = plan.options.affinity { try bind(loops, affinity) }
        observation.tracer?.prepare(cpuCount: vcpus.count, memory: memory)
        try observation.prepare(
            Subject(
                memory: memory, bias: plan.layout.bias, vcpus: vcpus.compactMap { $0.debugged },
                signal: { cpu in loops[cpu].thread?.interrupt() }))
        // Here all threads have done what they do to start: from now on all that anybody does is what
        // the module's manifest says.
        barrier.wait()
        try lock.close(confinement)
        // Not even begun, if it is to end already.
        if let signal = Signals.diverted { throw .failed("Exiting on signal \(signal)") }
        Stage.firstEntry.mark()
        barrier.wait()
    }

    private func bind(_ loops: [VCPULoop<CPU>], _ affinity: Affinity) throws(TenderError) {
        for (loop, cpu) in zip(loops, affinity.cpus) {
            try wrapping({
                .module(
                    ModuleError(
                        "Could not bind a vCPU to CPU \(cpu): \($0)", option: affinity.option))
            }) { () throws(Errno) in try loop.thread?.bind(toCPU: cpu) }
        }
    }

    /// Waits for a vCPU to come to an end, and stops the others.
    private func end(_ loops: [VCPULoop<CPU>], _ ending: Ending) -> Ending.Outcome? {
        let outcome = ending.wait()
        for loop in loops { loop.stop() }
        ending.waitForStops(of: loops.count)
        return outcome
    }
}

/// An event that interrupts the guest.
final class Interrupt: Sendable {
    let event: EventDescriptor

    init() throws(Errno) {
        event = try EventDescriptor()
    }
}

extension VirtioNetwork {
    /// The interrupt line that guests expect (spec 11).
    private static let line: UInt32 = 11
    private static let queueCount = 2

    /// Lets the guest ring the card's doorbells, and the card interrupt the guest.
    func connect(
        to machine: borrowing some InterruptMachine & ~Copyable, _ interrupt: Interrupt
    ) throws(HypervisorError) {
        try machine.connectEvent(interrupt.event.number, toLine: Self.line)
        switch face {
        case .modern:
            for queue in 0..<Self.queueCount {
                try machine.connect(
                    .memory(address: Self.doorbellAddress(queue: queue)),
                    toEvent: doorbell(queue: queue))
            }
        case .legacy:
            try machine.connect(.port(Self.doorbellPort), toEvent: doorbell(queue: 0))
        }
    }
}
