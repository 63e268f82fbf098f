import Architecture
import CLinux
import GuestArchive
import GuestFiles
import HermitImage
import Hypervisor
import Linux
import Manifests
import Rules
import Tender
import Virtio

/// A Hermit guest in its machine, ready to run or running.
final class HermitGuest<CPU: InterruptCPU>: BuiltGuest {
    private let plan: HermitPlan
    private let attachment: HermitAttachment
    private let observation: Observation
    /// The threads of the vCPUs, the network card and observers.
    private let threads: GuestThreads
    private let warn: @Sendable (String) -> Void
    private let memory: GuestMemory
    private let vcpus: [CPU]
    /// The eventfds of the network card's interrupt (irqfd, with a resampling event).
    private let interrupt: Interrupt
    private let missingProtections: [String]
    private var loops: [VCPULoop<CPU>] = []

    /// Prepares memory and vCPUs for the guest's first instruction, by Hermit's boot protocol.
    ///
    /// - Parameter ending: the end of the guest, which signals are already diverted to.
    init(
        _ plan: HermitPlan, _ attachment: HermitAttachment, _ observation: Observation,
        _ ending: Ending, in machine: HermitMachine<CPU>, warn: @escaping (String) -> Void
    ) throws(TenderError) {
        self.plan = plan
        self.attachment = attachment
        self.observation = observation
        threads = GuestThreads(ending)
        // Safe from any thread: messages are independent, and each is a single write.
        nonisolated(unsafe) let warn = warn
        self.warn = { unsafe warn($0) }
        memory = machine.memory
        vcpus = machine.vcpus
        interrupt = machine.interrupt
        missingProtections = machine.missingProtections
        try prepare()
        try makeLoops()
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
            bootArguments: plan.arguments.bootArguments, archive: plan.layout.archive)
        let boot = HermitBoot(memory: memory, layout: plan.layout)
        try boot.prepare(
            plan.image, information, deviceTree, archive: plan.archiveInMemory)
        var states = vcpus.indices.map {
            boot.state(entry: plan.image.executable.entry, cpu: UInt32($0))
        }
        try boot.placeExceptionTable(&states)
        try wrapping(TenderError.hypervisor) { () throws(HypervisorError) in
            for (vcpu, state) in zip(vcpus, states) {
                try vcpu.load(state)
                // KVM_CAP_SYNC_REGS, to read arguments. In interface version 1 they are not in
                // registers.
                if plan.image.notes.interfaceVersion > 1 { vcpu.prefetchRegisters() }
            }
        }
    }

    private func makeLoops() throws(TenderError) {
        let calls = Hypercalls(
            memory: memory, console: attachment.console, files: attachment.files,
            arguments: plan.arguments, warn: warn)
        let buses = try Buses.hermit(memory: memory, network: attachment.network)
        let symbols = plan.image.symbols(bias: plan.layout.bias)
        loops = vcpus.enumerated().map { index, vcpu in
            let loop = VCPULoop(index, vcpu, calls, buses, threads, observation)
            loop.symbols = symbols
            loop.exceptions = plan.layout.exceptions
            return loop
        }
    }

    func run() throws(TenderError) -> Int32 {
        // A signal may have arrived before the first instruction.
        if let signal = Signals.diverted { throw .signal(signal) }
        Stage.firstEntry.mark()
        threads.release()
        // When one vCPU ends the guest, the others are stopped.
        let outcome = threads.ending.wait()
        threads.stop()
        observation.ended(GuestEnd(outcome))
        Stage.guestHalted.mark()
        if plan.options.showsStatistics {
            showStatistics()
        }
        if let line = observation.consoleLoss.line { warn(line) }
        abandon()
        switch outcome {
        case .exit(let code): return code & 0xFF
        case .stopped(let status): return status
        case .failure(let error, _): throw error
        case nil where Emergency.isDeclared: return 1
        case nil: throw .signal(Signals.diverted ?? SIGTERM)
        }
    }

    /// Writes the statistics: as `uhyve` to standard output, as `pinnace` to standard error.
    private func showStatistics() {
        let text = Statistics.text(
            threads.vcpus.map { $0.counters }, lostOutput: observation.consoleLoss.count)
        if let console = attachment.statistics {
            console.write(Array(text.utf8))
        } else {
            Output.write(text, to: STDERR_FILENO)
        }
    }

    /// The sandbox of the running guest. Files that the guest opens get the lowest free numbers, so
    /// descriptors in general are not restricted.
    func confinement() throws(TenderError) -> Confinement {
        var bindings = Bindings()
        for vcpu in vcpus { bindings.bind(vcpu) }
        attachment.console.bind(in: &bindings)
        attachment.statistics?.bind(in: &bindings)
        if plan.image.symbols(bias: 0) != nil {
            bindings.bind(Core.image, to: plan.image.file.descriptorNumber)
        }
        try wrapping({ TenderError.failed("Could not reserve memory: \($0)") }) {
            () throws(Errno) in
            try attachment.files.bind(in: &bindings)
        }
        if let archive = plan.archive {
            bindings.bind(UhyveManifest.archive, to: archive.descriptorNumber)
        }
        var confinement = Confinement(
            [UhyveManifest.manifest], bindings, observation, paths: attachment.files.reachable)
        confinement.descriptors = nil
        confinement.needsAllRules = true
        confinement.missingProtections = missingProtections
        return confinement
    }

    /// Leaves threads, memory and vCPUs to the end of the process, which follows: the kernel tears
    /// all down at once faster than the tender could release each.
    private func abandon() {
        // Never released, so never unmapped or closed explicitly.
        unsafe _ = Unmanaged.passRetained(memory)
        for vcpu in vcpus { unsafe _ = Unmanaged.passRetained(vcpu) }
    }

    /// The size of the heap reserved before the guest runs, in bytes. A guest with many open files
    /// and long paths may need more.
    private static var reservedHeap: Int { 4 << 20 }

    /// Starts a thread for each vCPU and one for the network card, which wait for `run`.
    func start() throws(TenderError) {
        if let network = attachment.network {
            threads.add(
                network.worker(
                    memory: memory, ends: interrupt,
                    interrupt: { [interrupt] in interrupt.event.signal() }, warn: warn))
        }
        for worker in observation.workers { threads.add(worker) }
        observation.tracer?.prepare(cpuCount: vcpus.count, memory: memory)
        try observation.prepare(
            Subject(
                memory: memory, bias: plan.layout.bias, vcpus: vcpus.compactMap { $0.debugged },
                obstacle: CPU.backEnd.debuggingObstacle, threads: threads))
        // All threads initialise here: from now on each makes only the system calls in the module's
        // manifest.
        try threads.start(reserving: Self.reservedHeap) { [loops] cpu in loops[cpu].live() }
        if let affinity = plan.options.affinity { try bind(affinity) }
        // A rehearsal ends after this.
        if let signal = Signals.diverted { throw .signal(signal) }
    }

    private func bind(_ affinity: Affinity) throws(TenderError) {
        for (thread, cpu) in zip(threads.vcpus, affinity.cpus) {
            try wrapping({
                TenderError.module(
                    ModuleError(
                        "Could not bind a vCPU to CPU \(cpu): \($0)", option: affinity.option))
            }) { () throws(Errno) in try thread.bind(toCPU: cpu) }
        }
    }
}

/// The machine of a Hermit guest: empty memory, and vCPUs with no state yet.
struct HermitMachine<CPU: InterruptCPU> {
    let memory: GuestMemory
    let vcpus: [CPU]
    let interrupt: Interrupt
    let missingProtections: [String]

    /// The processor brand string (CPUID leaves 0x80000002 to 0x80000004), as under uhyve.
    private static var brand: String { "uhyve - unikernel hypervisor" }

    init<Host: InterruptMachine & ~Copyable>(
        _ plan: HermitPlan, _ network: VirtioNetwork?, in machine: borrowing Host
    ) throws(TenderError) where Host.CPU == CPU {
        let layout = plan.layout
        let size = layout.memory.upperBound - layout.memory.lowerBound
        let memory = try wrapping({ TenderError.memory(count: size, $0) }) { () throws(Errno) in
            try GuestMemory(start: GuestAddress(layout.memory.lowerBound), count: size)
        }
        let interrupt = try wrapping({
            TenderError.failed("Could not make an event descriptor: \($0)")
        }) {
            () throws(Errno) in try Interrupt()
        }
        vcpus = try wrapping(TenderError.hypervisor) { () throws(HypervisorError) in
            try machine.addInterruptControllers(hasTimer: plan.options.hasTimer)
            if let network { try network.connect(to: machine, interrupt) }
            var vcpus: [CPU] = []
            for index in 0..<plan.options.cpuCount {
                vcpus.append(
                    try machine.makeVCPU(
                        index, of: plan.options.cpuCount, brand: Self.brand))
            }
            try memory.withMapping { (mapping) throws(HypervisorError) in
                if plan.options.prefersHugePages {
                    mapping.preferHugePages(offset: 0, count: Int(size))
                }
                if plan.options.sharesEqualPages { mapping.shareEqualPages() }
                try machine.map(mapping, count: Int(size), at: layout.memory.lowerBound)
            }
            return vcpus
        }
        self.memory = memory
        self.interrupt = interrupt
        missingProtections = machine.missingProtections()
        Stage.machineCreated.mark()
    }
}
