import CLinux
import Linux

/// A hypercall that the device passes on (MSHV_ROOT_HVCALL).
struct HypercallRequest {
    let code: UInt16
    let repetitions: Int
    let input: Bytes
    private let outputSize: Int
    private let output: UInt
    private let state: EmulationState
    /// Where the VMM has the request.
    private let address: UInt

    private typealias Call = Interface.Hypercall

    init(_ state: EmulationState, _ address: UInt) throws(Errno) {
        self.state = state
        self.address = address
        try state.count(.hypercall)
        let request = try state.load(address, count: Call.size)
        code = request.get(Call.code)
        repetitions = Int(request.get(Call.repetitions, as: UInt16.self))
        let inputSize: UInt16 = request.get(Call.inputSize)
        let outputSize: UInt16 = request.get(Call.outputSize)
        let place = UInt(request.get(Call.input, as: UInt64.self))
        output = UInt(request.get(Call.output, as: UInt64.self))
        self.outputSize = Int(outputSize)
        guard Interface.Code.passedOn.contains(code), Call.inputSizes.contains(inputSize),
            output == 0 ? outputSize == 0 : Call.outputSizes.contains(outputSize),
            request.get(Call.status, as: UInt16.self) == 0,
            request.all[Call.reserved].allSatisfy({ $0 == 0 })
        else { throw Errno(EINVAL) }
        input = try state.load(place, count: Int(inputSize))
    }

    /// What came of it.
    struct Outcome {
        var status = Interface.Status.success
        /// Of the repetitions.
        var done: Int
        var output: [UInt8] = []
    }

    /// - Parameter fromVP: whether the VMM made the call on a VP's descriptor.
    func perform(on partition: Partition, fromVP: Bool) throws(Errno) {
        if fromVP, Interface.Code.delayed.contains(code) { throw Errno(EINVAL) }
        if state.withCounter({ $0.lacksMemory }) {
            try answer(Outcome(status: Interface.Status.insufficientMemory, done: 0))
        }
        let count = state.withCounter { $0.repetitions(of: repetitions) }
        try answer(partition.hypercall(self, count: count))
    }

    private func answer(_ outcome: Outcome) throws(Errno) {
        var request = try state.load(address, count: Call.size)
        request.set(Call.status, outcome.status)
        request.set(Call.repetitions, UInt16(outcome.done))
        try state.store(request, at: address)
        if output != 0 {
            try state.store(Bytes(Array(outcome.output.prefix(outputSize))), at: output)
        }
        switch outcome.status {
        case Interface.Status.success: return
        // The kernel has given the hypervisor some memory, and the VMM is to try again.
        case Interface.Status.insufficientMemory: throw Errno(EAGAIN)
        case Interface.Status.invalidInput, Interface.Status.invalidParameter,
            Interface.Status.invalidVPIndex, Interface.Status.invalidRegisterValue:
            throw Errno(EINVAL)
        default: throw Errno(EIO)
        }
    }
}

extension Partition {
    typealias Outcome = HypercallRequest.Outcome
    private typealias Layout = Interface.Layout
    private typealias Status = Interface.Status

    /// - Parameter count: how many of the repetitions to do.
    func hypercall(_ request: HypercallRequest, count: Int) throws(Errno) -> Outcome {
        typealias Code = Interface.Code
        switch request.code {
        case Code.getProperty: return try getProperty(request.input, request.repetitions)
        case Code.setProperty: return setProperty(request.input, request.repetitions)
        case Code.getRegisters, Code.setRegisters: return try accessRegisters(request, count)
        case Code.registerInterceptResult: return registerResult(request.input)
        case Code.getCPUID: return try getCPUID(request, count)
        default:
            state.complain("hypercall 0x\(String(request.code, radix: 16)) is not emulated")
            return Outcome(status: Status.invalidParameter, done: 0)
        }
    }

    private func getProperty(_ input: Bytes, _ repetitions: Int) throws(Errno) -> Outcome {
        guard input.count == Layout.getPropertySize, repetitions == 0 else {
            return Outcome(status: Status.invalidInput, done: 0)
        }
        let code: UInt32 = input.get(Layout.propertyCode)
        var value = properties[code]
        if code == Interface.Property.clockFrequency {
            // KVM tells it of a vCPU. It is the host's, whichever that is.
            let processor: KVMProcessor
            if let vp = vps[0] { processor = vp.processor } else { processor = try clock() }
            value = try processor.counterFrequency()
        } else if Interface.Property.settable.contains(code), value == nil {
            value = 0
        }
        guard let value else { return Outcome(status: Status.unknownProperty, done: 0) }
        return Outcome(done: 0, output: withUnsafeBytes(of: value) { Array($0) })
    }

    /// A vCPU of another machine, for what it tells of the host.
    private func clock() throws(Errno) -> KVMProcessor {
        try KVMGuest(of: state.process).makeVCPU(0)
    }

    private func setProperty(_ input: Bytes, _ repetitions: Int) -> Outcome {
        guard input.count == Layout.setPropertySize, repetitions == 0 else {
            return Outcome(status: Status.invalidInput, done: 0)
        }
        let code: UInt32 = input.get(Layout.propertyCode)
        guard Interface.Property.settable.contains(code) else {
            return Outcome(status: Status.unknownProperty, done: 0)
        }
        if Interface.Property.early.contains(code), isInitialized {
            return Outcome(status: Status.invalidPartitionState, done: 0)
        }
        properties[code] = input.get(Layout.propertyValue)
        return Outcome(done: 0)
    }

    private func accessRegisters(
        _ request: HypercallRequest, _ count: Int
    ) throws(Errno) -> Outcome {
        let input = request.input
        let isSetting = request.code == Interface.Code.setRegisters
        let size = isSetting ? Layout.assignmentSize : Layout.nameSize
        guard request.repetitions > 0,
            input.count >= Layout.registersHeader + request.repetitions * size
        else { return Outcome(status: Status.invalidInput, done: 0) }
        guard let vp = vps[input.get(Layout.vpIndex)] else {
            return Outcome(status: Status.invalidVPIndex, done: 0)
        }
        let places = (0..<count).map { Layout.registersHeader + $0 * size }
        guard isSetting else {
            return try vp.getRegisters(places.map { input.get($0) })
        }
        return try vp.setRegisters(
            isPart: count < request.repetitions,
            places.map { place in
                let value = place + Layout.assignedValue
                return (input.get(place), Wide(low: input.get(value), high: input.get(value + 8)))
            })
    }
}
