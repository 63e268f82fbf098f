import ABI
import Architecture
import Hypervisor
import Linux
import Rules
import Tender

/// The checked parameters to start an hvt guest.
public struct HVTPlan {
    public let image: HVTImage
    public let segments: [Segment]
    public let memorySize: MemorySize
    /// The guest's command line, without the terminating NUL.
    public let commandLine: [UInt8]
    /// Whether heap and stack are executable.
    public let isHeapExecutable: Bool

    public init(
        image: HVTImage, memorySize: MemorySize, commandLine: [UInt8],
        isHeapExecutable: Bool = false
    ) throws(TenderError) {
        let most = Int(HVT_CMDLINE_SIZE) - 1
        guard commandLine.count <= most else {
            throw .commandLineTooLong(count: commandLine.count, most: most)
        }
        segments = try wrapping(TenderError.image) { () throws(ImageError) in
            try image.segments(memorySize: memorySize.bytes)
        }
        self.image = image
        self.memorySize = memorySize
        self.commandLine = commandLine
        self.isHeapExecutable = isHeapExecutable
    }

    /// A guest's command line: its arguments joined by spaces, unquoted.
    static func commandLine(_ arguments: [[UInt8]]) -> [UInt8] {
        Array(arguments.joined(separator: [UInt8(ascii: " ")]))
    }
}

/// A loaded hvt guest, about to run or running.
public struct HVTGuest<CPU: VCPU> {
    public let memory: GuestMemory
    private let vcpu: CPU
    private let launch: Launch
    private let regions: [FaultReport.Region]
    private let symbols: SymbolTable?
    private let exceptions: ExceptionTable?
    private let ring: PlacedRing?
    private let missingProtections: [String]
    /// Nil unless an observer or a worker needs threads.
    private var threads: GuestThreads?
    private var thread: GuestThread?

    /// Loads and protects the image, and prepares memory and vCPU for its first instruction.
    ///
    /// The modules have attached: their devices' facts go into the guest's manifest.
    ///
    /// - Parameter warn: prints why the guest gets no network ring, if it would have.
    public init<Host: Machine & ~Copyable>(
        _ plan: HVTPlan, launch: Launch, in machine: borrowing Host,
        warn: (String) -> Void = { _ in }
    ) throws(TenderError) where Host.CPU == CPU {
        let size = plan.memorySize.bytes
        let memory = try wrapping({ TenderError.memory(count: size, $0) }) { () throws(Errno) in
            try GuestMemory(count: size)
        }
        let vcpu = try wrapping(TenderError.hypervisor) { () throws(HypervisorError) in
            let vcpu = try machine.makeVCPU(0)
            try memory.withMapping { (mapping) throws(HypervisorError) in
                try machine.map(
                    mapping, count: Int(size), at: 0,
                    parts: HVTMemoryMap.parts(
                        plan.segments, size: size, isHeapExecutable: plan.isHeapExecutable))
            }
            return vcpu
        }
        Stage.machineCreated.mark()

        HVTBoot.keepPagesSmall(in: memory, mayHaveRing: launch.ring != nil)
        try plan.image.load(plan.segments, into: memory)
        ring = try PlacedRing.placing(launch, plan, in: memory, warn)
        let boot = HVTBoot(memory: memory, ring: ring?.address)
        symbols = plan.image.symbols
        if symbols == nil { plan.image.close() }
        regions = HVTMemoryMap.regions(
            plan.segments, ring: ring.map { $0.address.value..<memory.count })
        try boot.protect(plan.segments)
        let exceptionPage = try PageTables.build(
            in: memory, segments: plan.segments, isHeapExecutable: plan.isHeapExecutable,
            hasExceptions: true)
        let state: BootState
        (state, exceptions) = try Native.start(
            boot, entry: plan.image.entry, exceptions: exceptionPage)
        Stage.imageLoaded.mark()

        let frequency = try wrapping(TenderError.hypervisor) { () throws(HypervisorError) in
            try vcpu.load(state)
            return try vcpu.counterFrequency()
        }
        try boot.placeInformation(
            manifest: launch.devices, commandLine: plan.commandLine,
            kernelEnd: plan.segments.last?.end ?? 0, counterFrequency: frequency)
        missingProtections = machine.missingProtections()
        self.memory = memory
        self.vcpu = vcpu
        self.launch = launch
    }

    var observation: Observation { launch.observation }

    /// The rights that the launch needs from now on.
    ///
    /// - Parameter manifests: of the modules that attached.
    public func confinement(_ manifests: [ModuleManifest]) -> Confinement {
        var bindings = launch.bindings
        bindings.bind(vcpu)
        if let symbols { bindings.bind(Core.image, to: symbols.file.descriptorNumber) }
        var confinement = Confinement(
            manifests, bindings, launch.observation, largestFile: launch.largestFile)
        confinement.missingProtections = missingProtections
        return confinement
    }

    /// Prepares observers, and starts workers.
    public mutating func start() throws(TenderError) {
        launch.observation.tracer?.prepare(cpuCount: 1, memory: memory)
        let workers = [ring?.worker].compactMap { $0 } + launch.workers + launch.observation.workers
        guard !launch.observation.observers.isEmpty || !workers.isEmpty else { return }
        let threads = GuestThreads()
        // Any thread may call `requestExit`.
        nonisolated(unsafe) let vcpu = vcpu
        let thread = threads.addVCPU(
            wait: launch.interruptionPoint.wait,
            callNumbers: (0..<DispatchTable.count).map { Int32($0) },
            requestExit: { unsafe vcpu.requestExit() })
        for worker in workers { threads.add(worker) }
        try launch.observation.prepare(
            Subject(
                memory: memory, vcpus: unsafe vcpu.debugged.map { [$0] } ?? [],
                obstacle: CPU.backEnd.debuggingObstacle, threads: threads))
        guard threads.areNeeded else { return }
        self.thread = thread
        self.threads = threads
        try threads.start()
    }

    /// Runs the guest to its end.
    public func run() throws(TenderError) -> Halt {
        let observation = launch.observation
        if !observation.observers.isEmpty || thread != nil {
            launch.interruptionPoint.deal = { [thread] in
                if case .end(let status) = observation.stopped(cpu: 0, .interrupted) {
                    return status
                }
                guard let thread, !thread.pass() else { return nil }
                return (try? thread.ending.halt().exitStatus) ?? 1
            }
        }
        threads?.release()
        let dispatch = launch.dispatch.traced(by: observation.tracer, on: thread)
        let loop = HVTRunLoop(
            vcpu: vcpu, memory: memory, server: HypercallServer(dispatch), observation: observation,
            exceptions: exceptions, ring: ring, deferral: launch.deferral, thread: thread)
        do throws(TenderError) {
            let halt = try loop.run()
            threads?.stop()
            Stage.guestHalted.mark()
            observation.ended(.halt(halt))
            return halt
        } catch {
            threads?.stop()
            observation.ended(.fault(cpu: 0))
            guard var state = try? vcpu.state() else { throw error }
            let report = FaultReport(
                memory: memory, regions: regions, symbols: symbols, on: CPU.backEnd)
            switch error {
            case .guest(let fault):
                throw .guestExplained(fault, report.text(state, address: fault.address))
            case .exit(let exit, _):
                let cause = cause(exit, &state)
                throw .exit(exit, report.text(state, address: exit.address, cause: cause))
            default: throw error
            }
        }
    }

    /// - Parameter state: restored to the exception's frame, if there was one.
    private func cause(_ exit: FatalExit, _ state: inout Registers) -> FaultCause? {
        switch exit.cause {
        case .exception(let exception):
            exception.apply(to: &state)
            return .exception(exception)
        case .unhandled(let exit): return FaultCause(exit, nil, state, of: vcpu)
        case .translation: return nil
        }
    }

    /// Leaves memory and VM to the end of the process: the kernel frees them faster at once, and
    /// the sandbox need not allow munmap(2) and close(2).
    public func abandon() {
        // Never released, and so never unmapped or closed.
        unsafe _ = Unmanaged.passRetained(memory)
        unsafe _ = Unmanaged.passRetained(vcpu)
        if let file = symbols?.file { unsafe _ = Unmanaged.passRetained(file) }
    }
}
