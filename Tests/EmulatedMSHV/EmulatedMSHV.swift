import CLinux
import Foundation
import Linux

/// The device /dev/mshv, over KVM: for tests on machines without a Microsoft Hypervisor.
///
/// It is one reading of the interface's description. What both it and a VMM misread stays hidden.
public final class EmulatedMSHV: @unchecked Sendable {
    /// What a call answers with.
    public enum Answer {
        case value(Int32)
        /// An object that the VMM is to get a descriptor of, and to be introduced by `adopt`.
        case opened(any Object)
    }

    /// What a descriptor stands for.
    public protocol Object: AnyObject {
        /// A file that descriptors of the VMM's can be made from; `mmap` works on it.
        var fileNumber: Int32 { get }
        func ioctl(_ request: UInt, _ argument: UInt) throws(Errno) -> Answer
    }

    private let state: EmulationState
    private let lock = NSLock()
    private var objects: [Int32: any Object] = [:]
    /// All of them: a VP stays when its partition's descriptor is closed, and the other way round.
    private var kept: [any Object] = []

    public init(for process: any VMMProcess = LocalProcess(), faults: Faults = Faults()) {
        state = EmulationState(process: process, faults: faults)
    }

    /// What the VMM did that a real hypervisor would answer by silence, or by madness.
    public var complaints: [String] { state.complaints }

    /// open(2) of the device.
    public func open() throws(Errno) -> any Object {
        try state.count(.open)
        return try Device(state)
    }

    /// ioctl(2). `argument` is an address of the VMM's, or a number.
    public func ioctl(
        _ descriptor: Int32, _ request: UInt, _ argument: UInt
    ) throws(Errno) -> Answer {
        guard let object = lock.withLock({ objects[descriptor] }) else { throw Errno(ENOTTY) }
        return try object.ioctl(request, argument)
    }

    /// Whether this is a descriptor that stands for something here.
    public func knows(_ descriptor: Int32) -> Bool {
        lock.withLock { objects[descriptor] != nil }
    }

    /// Says by which number the VMM knows an object from now on. What had that number has been closed.
    public func adopt(_ object: any Object, as descriptor: Int32) {
        lock.withLock {
            objects[descriptor] = object
            kept.append(object)
        }
    }
}

/// What all objects of an emulation share.
final class EmulationState: @unchecked Sendable {
    let process: any VMMProcess
    private let lock = NSLock()
    private var counter: FaultCounter
    private var found: [String] = []

    init(process: any VMMProcess, faults: Faults) {
        self.process = process
        counter = FaultCounter(faults)
    }

    var complaints: [String] { lock.withLock { found } }

    func complain(_ text: String) { lock.withLock { found.append(text) } }

    func count(_ call: Faults.Call) throws(Errno) {
        let failure: Errno? = lock.withLock {
            do throws(Errno) {
                try counter.count(call)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    func withCounter<Value>(_ body: (inout FaultCounter) -> Value) -> Value {
        lock.withLock { body(&counter) }
    }

    /// A struct of the VMM's.
    func load(_ address: UInt, count: Int) throws(Errno) -> Bytes {
        guard let bytes = process.load(address, count: count) else { throw Errno(EFAULT) }
        return bytes
    }

    func store(_ bytes: Bytes, at address: UInt) throws(Errno) {
        guard process.store(bytes, at: address) else { throw Errno(EFAULT) }
    }
}

/// A descriptor of /dev/mshv itself.
private final class Device: EmulatedMSHV.Object {
    private let file: FileDescriptor
    private let state: EmulationState

    var fileNumber: Int32 { file.number }

    init(_ state: EmulationState) throws(Errno) {
        file = try FileDescriptor.inMemory(named: "mshv")
        self.state = state
    }

    func ioctl(_ request: UInt, _ argument: UInt) throws(Errno) -> EmulatedMSHV.Answer {
        // Kernels that pass hypercalls on here are newer than what this stands for.
        guard request == Interface.Request.createPartition else { throw Errno(ENOTTY) }
        try state.count(.createPartition)
        typealias Create = Interface.Create
        let create = try state.load(argument, count: Create.size)
        let flags: UInt64 = create.get(Create.flags)
        guard flags & ~Create.knownFlags == 0, create.get(Create.isolation, as: UInt64.self) == 0
        else { throw Errno(EINVAL) }
        guard flags & ~Create.superPages == 0 else {
            state.complain("the emulation has no local APIC, which a partition's flags ask for")
            throw Errno(EOPNOTSUPP)
        }
        return .opened(try Partition(state))
    }
}
