import Architecture
import CLinux
import Linux
import Rules
import Synchronization
import Testing

@testable import Hypervisor

/// What comes of the messages of a VP, and what is done before it runs on.
@Suite("MSHV: runs") struct MSHVRunTests {
    private let device: ScriptedDevice
    private let vcpu: MSHVVCPU<ScriptedDevice>

    init() throws {
        device = ScriptedDevice()
        vcpu = try MSHV(device).makeMachine().makeVCPU(0)
    }

    private func run(_ message: Message) throws -> Exit {
        device.runs = [.success(message.bytes)]
        return try vcpu.run()
    }

    // MARK: Messages

    @Test(
        arguments: [
            (
                .port(0x500, info: 4, rax: 0xFFFF_FFFF_8765_4321),
                .portWrite(port: 0x500, width: 4, value: 0x8765_4321)
            ),
            (
                .port(0x501, info: 2, rax: 0x8765_4321),
                .portWrite(port: 0x501, width: 2, value: 0x4321)
            ),
            (
                .port(0xFFFF, info: 1, rax: 0x8765_4321),
                .portWrite(port: 0xFFFF, width: 1, value: 0x21)
            ),
            // Bits that mean nothing here.
            (.port(1, info: 0xE4, rax: 5), .portWrite(port: 1, width: 4, value: 5)),
            (.port(1, info: 4, isWrite: false, rax: 5), .portRead(port: 1, width: 4)),
            // A string, repeated and not.
            (.port(1, info: 0xC), .portString(port: 1)),
            (.port(1, info: 0x1C), .portString(port: 1)),
            // Widths that no instruction has.
            (.port(1, info: 0), .unknown(reason: 0x8001_0000)),
            (.port(1, info: 3), .unknown(reason: 0x8001_0000)),
            (.port(1, info: 7), .unknown(reason: 0x8001_0000)),
            (Message(0x8001_0007), .halt), (Message(0x8000_0021), .shutdown),
            (Message(0x8000_0020), .entryFailure(reason: 0)),
            // The page of an address is told, or all of it.
            (
                .memory(0x8000_0000, gpa: 0x30_0000, gva: 0xFFFF_1000_0000_0123, isGVAValid: true),
                .memoryFault(address: 0x30_0123)
            ),
            (
                .memory(0x8000_0001, gpa: 0x30_0456, gva: 0x7000_0456, isGVAValid: true),
                .memoryFault(address: 0x30_0456)
            ),
            (
                .memory(0x8000_0001, gpa: 0x30_0456, gva: 0x123, isGVAValid: false),
                .memoryFault(address: 0x30_0456)
            ),
            (Message(0), .unknown(reason: 0)),
            (Message(0x8000_0003), .unknown(reason: 0x8000_0003)),
            (Message(0x8000_0022), .unknown(reason: 0x8000_0022)),
            (Message(0x8001_0001), .unknown(reason: 0x8001_0001)),
            (Message(0x8001_0002), .unknown(reason: 0x8001_0002)),
            (Message(.max), .unknown(reason: .max)),
        ] as [(Message, Exit)])
    func messages(message: Message, exit: Exit) throws {
        #expect(try run(message) == exit)
    }

    /// No message makes it crash, whatever it holds.
    @Test func anyMessage() throws {
        var generator = SystemRandomNumberGenerator()
        for type: UInt32 in [0x8001_0000, 0x8000_0000, 0x8000_0001, 0x8001_0007, .max] {
            for _ in 0..<200 {
                var message = Message(type)
                for offset in 4..<256 { message.put(generator.next() & 0xFF, offset, 1) }
                do throws(HypervisorError) {
                    device.runs = [.success(message.bytes)]
                    let exit = try vcpu.run()
                    #expect(!MSHVVCPU<ScriptedDevice>.backEnd.code(exit).isEmpty)
                } catch {
                    #expect(message.bytes[0x14] & 0xF == 0)
                }
            }
        }
    }

    // MARK: Port accesses

    private static let page = (isValid: 2, dirty: 4, rip: 0x88)

    @Test(arguments: [true, false])
    func programCounterByThePage(isWrite: Bool) throws {
        let page = try #require(device.page)
        page.storeBytes(of: 1, toByteOffset: Self.page.isValid, as: UInt8.self)
        // Another class of registers is to be taken, too.
        page.storeBytes(of: 1, toByteOffset: Self.page.dirty, as: UInt32.self)
        let calls = device.calls.count
        _ = try run(.port(0x500, info: 4, isWrite: isWrite, rip: 0x10_0FFF, length: 2))
        #expect(page.load(fromByteOffset: Self.page.rip, as: UInt64.self) == 0x10_1001)
        #expect(page.load(fromByteOffset: Self.page.dirty, as: UInt32.self) == 3)
        #expect(device.calls.dropFirst(calls) == [.run])
        // The hypervisor does not know it yet.
        device.registers[0x20010] = bytes(0x10_0FFF, 0)
        #expect(try vcpu.state().rip == 0x10_1001)
        page.storeBytes(of: 0, toByteOffset: Self.page.dirty, as: UInt32.self)
        #expect(try vcpu.state().rip == 0x10_0FFF)
    }

    @Test(arguments: [true, false])
    func programCounterByHypercall(isWrite: Bool) throws {
        let calls = device.calls.count
        _ = try run(.port(0x500, info: 1, isWrite: isWrite, rip: 0x10_0FFF, length: 15))
        #expect(
            device.calls.dropFirst(calls) == [
                .run,
                .hypercall(
                    "VP", code: 0x51, reps: 1,
                    input: bytes(0, 0) + bytes(0x20010, 0, 0x10_100E, 0), outputSize: 0),
            ])
        let page = try #require(device.page)
        #expect(page.load(fromByteOffset: Self.page.dirty, as: UInt32.self) == 0)
        #expect(try vcpu.state().rip == 0x10_100E)
    }

    @Test func programCounterWithoutAPage() throws {
        for (error, isAllowed) in [(ENODEV, true), (EINVAL, false)] {
            let other = ScriptedDevice()
            let machine = try MSHV(other).makeMachine()
            // After CREATE_VP.
            other.failures = [other.calls.count + 1: error]
            guard isAllowed else {
                let thrown = #expect(throws: HypervisorError.self) { try machine.makeVCPU(0) }
                #expect(thrown == .mshv("create VP 0", Errno(EINVAL)))
                return
            }
            let vcpu = try machine.makeVCPU(0)
            other.runs = [.success(Message.port(0x500, info: 4, rip: .max, length: 1).bytes)]
            _ = try vcpu.run()
            #expect(other.registers[0x20010] == bytes(0, 0))
            #expect(try vcpu.state().rip == 0)
        }
    }

    /// It would be executed again for ever.
    @Test func anInstructionWithoutLengthEndsTheGuest() throws {
        device.runs = [.success(Message.port(0x500, info: 4, length: 0).bytes)]
        let error = #expect(throws: HypervisorError.self) { try vcpu.run() }
        #expect(error?.description.contains("does not tell the length") == true)
    }

    @Test func otherExitsLeaveTheProgramCounter() throws {
        let calls = device.calls.count
        for message in [
            Message(0x8001_0007), Message(0x8000_0021), .port(1, info: 0xC), .port(1, info: 3),
            .memory(0x8000_0001, gpa: 0, gva: 0, isGVAValid: false),
        ] {
            _ = try run(message)
        }
        #expect(device.calls.dropFirst(calls).allSatisfy { $0 == .run })
    }

    @Test func aProgramCounterThatIsRefusedEndsTheGuest() throws {
        device.answers = [0x51: [.init(error: EIO, status: 0x50)]]
        device.runs = [.success(Message.port(0x500, info: 4).bytes)]
        let error = #expect(throws: HypervisorError.self) { try vcpu.run() }
        #expect(
            error?.description
                == "MSHV: complete a port access: Input/output error (hypervisor status 0x50: "
                + "invalid register value)")
    }

    // MARK: Signals and errors

    @Test func signalsInterrupt() throws {
        device.runs = [.failure(Errno(EINTR)), .success(Message(0x8001_0007).bytes)]
        #expect(try vcpu.run() == .interrupted)
        #expect(try vcpu.run() == .halt)
    }

    @Test func runsAreTriedAgain() throws {
        device.runs = [
            .failure(Errno(EAGAIN)), .failure(Errno(EAGAIN)), .success(Message(0x8001_0007).bytes),
        ]
        #expect(try vcpu.run() == .halt)
        device.runs = [.failure(Errno(EAGAIN)), .failure(Errno(EINTR))]
        #expect(try vcpu.run() == .interrupted)
        device.runs = [.failure(Errno(EAGAIN)), .failure(Errno(ENODEV))]
        let error = #expect(throws: HypervisorError.self) { try vcpu.run() }
        #expect(error?.description == "MSHV: run the guest: No such device")
    }

    @Test func aRequestComesBeforeTheRun() throws {
        let calls = device.calls.count
        vcpu.requestExit()
        vcpu.requestExit()
        #expect(try vcpu.run() == .interrupted)
        #expect(device.calls.count == calls)
        #expect(try run(Message(0x8001_0007)) == .halt)
    }

    /// Each time that a run stops by itself, or fails for a while.
    @Test func aRequestOutlivesAnExit() throws {
        device.meanwhile = { [vcpu] in vcpu.requestExit() }
        #expect(try run(Message(0x8001_0007)) == .halt)
        device.meanwhile = {}
        #expect(try vcpu.run() == .interrupted)
        device.meanwhile = { [vcpu] in vcpu.requestExit() }
        device.runs = [.failure(Errno(EAGAIN))]
        #expect(try vcpu.run() == .interrupted)
        device.meanwhile = {}
        #expect(try run(Message(0x8001_0007)) == .halt)
    }

    /// The first signals come before the kernel would see them.
    @Test(arguments: [0, 1, 5]) func signalsAreRepeated(lost: Int) throws {
        try Thread.prepareInterruptions()
        // One thread at a time uses it, but for `requestExit`.
        nonisolated(unsafe) let vcpu = vcpu
        let progress = Progress()
        device.runs = [.failure(Errno(EINTR))]
        device.meanwhile = {
            progress.isInside.store(true, ordering: .sequentiallyConsistent)
            // Each wait ends with a signal.
            for _ in 0...lost { _ = poll(nil, 0, 10_000) }
        }
        let thread = try Thread.start {
            Thread.allowInterruptions()
            let exit = try? vcpu.run()
            progress.isInterrupted.store(exit == .interrupted, ordering: .sequentiallyConsistent)
        }
        while !progress.isInside.load(ordering: .sequentiallyConsistent) { _ = sched_yield() }
        vcpu.requestExit()
        thread.join()
        let isInterrupted = progress.isInterrupted.load(ordering: .sequentiallyConsistent)
        #expect(isInterrupted)
        device.meanwhile = {}
        // The request is done with.
        #expect(try run(Message(0x8001_0007)) == .halt)
    }

    private final class Progress: Sendable {
        let isInside = Atomic(false)
        let isInterrupted = Atomic(false)
    }

    // MARK: What it says of itself

    @Test func operations() throws {
        let backEnd = MSHVVCPU<ScriptedDevice>.backEnd
        #expect(backEnd.name == "MSHV" && backEnd.device == "/dev/mshv" && backEnd.choice == "mshv")
        #expect(KVMVCPU.backEnd.choice == "kvm")
        let uses = [Operation.runVCPU, .readRegisters, .readTranslation, .debugVCPU]
        let calls = uses.map { [Operation.Use($0)].systemCalls(backEnd.operations) }
        #expect(calls.map { $0.count } == [3, 0, 0, 0])
        var bindings = Bindings()
        bindings.bind(vcpu)
        let rules = bindings.rules([], doing: uses.map { Operation.Use($0) }, of: "core")
        #expect(rules.map { $0.name } == ["ioctl", "ioctl", "gettid"])
        let controls = rules.filter { $0.name == "ioctl" }
        #expect(controls.map { $0.arguments[1].value } == [0x8100_B800, 0xC020_B807])
        #expect(controls.map { $0.arguments[1].meaning } == ["MSHV_RUN_VP", "MSHV_ROOT_HVCALL"])
        #expect(Set(controls.map { $0.arguments[0].value }).count == 1)
        #expect(controls.allSatisfy { $0.arguments[0].value > 2 })
    }

    @Test(
        arguments: [
            (.portString(port: 1), "0x80010000"), (.halt, "0x80010007"), (.shutdown, "0x80000021"),
            (.memoryFault(address: 1), "0x80000001"), (.entryFailure(reason: 0), "0x80000020"),
            (.unknown(reason: 0x8000_0022), "0x80000022"), (.interrupted, "0x0"),
        ] as [(Exit, String)])
    func codes(exit: Exit, number: String) {
        #expect(MSHVVCPU<ScriptedDevice>.backEnd.code(exit) == "message_type=\(number)")
    }
}
