import CLinux
import Linux

/// A virtual processor, which is suspended between runs.
final class VP: EmulatedMSHV.Object, @unchecked Sendable {
    private let file: FileDescriptor
    let index: UInt32
    let processor: KVMProcessor
    private let state: EmulationState
    private unowned let partition: Partition
    private let pages: SharedPages?
    var results: [CPUIDResult] = []
    private(set) var hasRun = false
    /// A message that is the answer until the VMM sets RIP: KVM is past the instruction, so that it can't
    /// be asked to carry it out again.
    private var lasting: Stop?
    /// Registers of which a hypercall set a part. KVM wants to know of all at once.
    private var incomplete: RegisterFile?

    var fileNumber: Int32 { file.number }

    init(_ index: UInt32, of partition: Partition) throws(Errno) {
        self.index = index
        self.partition = partition
        state = partition.state
        processor = try partition.guest.makeVCPU(index)
        if state.withCounter({ $0.faults.hasNoPages }) {
            // A file of the kernel's that has no pages.
            let number = eventfd(0, Int32(EFD_CLOEXEC))
            guard number >= 0 else { throw Errno.current }
            file = try FileDescriptor(owning: number)
            pages = nil
        } else {
            file = try FileDescriptor.inMemory(named: "mshv_vp")
            pages = try SharedPages(file.number)
        }
    }

    func ioctl(_ request: UInt, _ argument: UInt) throws(Errno) -> EmulatedMSHV.Answer {
        switch request {
        case Interface.Request.run: try run(argument)
        case Interface.Request.hypercall:
            try HypercallRequest(state, argument).perform(on: partition, fromVP: true)
        default: throw Errno(ENOTTY)
        }
        return .value(0)
    }

    // MARK: Registers

    func getRegisters(_ names: [UInt32]) throws(Errno) -> HypercallRequest.Outcome {
        let registers = try self.registers()
        var values = Bytes(count: names.count * Interface.Layout.valueSize)
        for (place, name) in names.enumerated() {
            var value = registers.get(name)
            if let msr = RegisterFile.msr(name) {
                value = Wide(low: try processor.msr(msr))
            } else if let control = FloatingPointControl(rawValue: name) {
                value = control.value(in: try processor.floatingPoint())
            }
            guard let value else {
                state.complain("register 0x\(String(name, radix: 16)) is not emulated")
                return .init(
                    status: Interface.Status.invalidParameter, done: place, output: values.all)
            }
            values.set(place * Interface.Layout.valueSize, value.low)
            values.set(place * Interface.Layout.valueSize + 8, value.high)
        }
        return .init(done: names.count, output: values.all)
    }

    private func registers() throws(Errno) -> RegisterFile {
        if let incomplete { incomplete } else { try processor.registers() }
    }

    /// - Parameter isPart: whether there is to be another call with the rest.
    func setRegisters(
        isPart: Bool, _ assignments: [(name: UInt32, value: Wide)]
    ) throws(Errno) -> HypercallRequest.Outcome {
        var registers = try self.registers()
        for (place, (name, value)) in assignments.enumerated() {
            if let msr = RegisterFile.msr(name) {
                try processor.setMSR(msr, value.low)
            } else if let control = FloatingPointControl(rawValue: name) {
                var state = try processor.floatingPoint()
                control.set(value, in: &state)
                try processor.setFloatingPoint(state)
            } else if !registers.set(name, value) {
                state.complain("register 0x\(String(name, radix: 16)) is not emulated")
                return .init(status: Interface.Status.invalidParameter, done: place)
            }
        }
        do throws(Errno) {
            try processor.set(registers)
            incomplete = nil
        } catch {
            guard error.code == EINVAL else { throw error }
            if isPart {
                incomplete = registers
                return .init(done: assignments.count)
            }
            return .init(status: Interface.Status.invalidRegisterValue, done: 0)
        }
        if assignments.contains(where: { $0.name == RegisterFile.rip }) { lasting = nil }
        return .init(done: assignments.count)
    }

    /// What CPUID tells this VP's guest.
    func cpuid() throws(Errno) -> [kvm_cpuid_entry2] {
        var entries = try processor.supportedCPUID()
        for result in results { result.apply(to: &entries) }
        return entries
    }

    // MARK: Running

    private func run(_ argument: UInt) throws(Errno) {
        try state.count(.run)
        if !hasRun {
            try processor.setCPUID(try cpuid())
            hasRun = true
        }
        if let registers = incomplete {
            incomplete = nil
            do throws(Errno) {
                try processor.set(registers)
            } catch {
                guard error.code == EINVAL else { throw error }
                lasting = Stop(invalid: registers)
            }
        }
        try takePage()
        let stop = if let lasting { lasting } else { try runToIntercept() }
        try answer(stop, argument)
    }

    private func runToIntercept() throws(Errno) -> Stop {
        guard let page = try processor.run() else { throw Errno(EINTR) }
        let stop = try Stop(page, processor, partition)
        if stop.isLasting { lasting = stop }
        return stop
    }

    private func answer(_ stop: Stop, _ argument: UInt) throws(Errno) {
        let (isUnknown, isInvalid, splits) = state.withCounter {
            $0.countExit()
            return ($0.isMessageUnknown, $0.isPageInvalid, $0.faults.splitsAddresses)
        }
        var message = stop.intercept.message(
            vp: index, stop.registers, splitsAddress: splits)
        if isUnknown { message.set(Interface.Message.type, Interface.Message.unknown) }
        pages?.publish(message, isInvalid ? nil : stop.registers.general)
        try state.store(message, at: argument)
    }

    /// Takes over what the VMM changed in the register page.
    private func takePage() throws(Errno) {
        guard let changes = pages?.take() else { return }
        typealias Page = Interface.RegisterPage
        let known = Page.dirtyGeneral | Page.dirtyRIP | Page.dirtyRFLAGS
        if changes.dirty & ~known != 0 {
            state.complain(
                changes.dirty & ~(known | Page.dirtyPastEnd) != 0
                    ? "unknown dirty bits: 0x\(String(changes.dirty, radix: 16))"
                    : "registers are changed whose place in the page depends on the kernel")
        }
        guard changes.isValid else {
            // Whatever the page holds: the hypervisor does not look.
            state.complain("registers are changed in a page that is not valid")
            return
        }
        var registers = try processor.registers()
        if changes.dirty & Page.dirtyGeneral != 0 {
            for (place, path) in RegisterFile.general.enumerated() {
                registers.general[keyPath: path] = changes.page.get(Page.general + place * 8)
            }
        }
        if changes.dirty & Page.dirtyRIP != 0 {
            registers.general.rip = changes.page.get(Page.rip)
            lasting = nil
        }
        if changes.dirty & Page.dirtyRFLAGS != 0 {
            registers.general.rflags = changes.page.get(Page.rflags)
        }
        try processor.set(registers)
    }
}
