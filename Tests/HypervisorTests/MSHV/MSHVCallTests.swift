import Architecture
import CLinux
import Linux
import Testing

@testable import Hypervisor

/// The calls by which a guest is made, in their order, with all their bytes.
@Suite("MSHV: the calls that make a guest") final class MSHVCallTests {
    private let device = ScriptedDevice()
    private let memory: MemoryMapping

    init() throws {
        memory = try MemoryMapping.anonymous(0x4000)
    }

    private static let state: BootState = {
        let code = BootState.Segment(selector: 8, type: 9, long: true)
        let data = BootState.Segment(selector: 16, type: 3, long: false)
        var state = BootState(
            entry: 0x10_1234, stackPointer: 0x1F_FFF8, arguments: (0x1_0000, 7),
            cr0: 0x8001_0021, cr3: 0x2000, cr4: 0x620, efer: 0xD00,
            gdtBase: 0xFFFF_8000_0000_0000, gdtLimit: 23, idtBase: 0xFFFF_8000_0000_0100,
            idtLimit: 0x1FF, code: code, data: data, threadLocal: data)
        (state.taskBase, state.taskLimit) = (0xFFFF_8000_0000_1000, 103)
        return state
    }()

    private static let parts = [
        MemoryPart(0x1000..<0x2000, isExecutable: true),
        MemoryPart(0x2000..<0x4000, isWritable: true),
        MemoryPart(0x4000..<0x5000),
    ]

    /// A guest about to run.
    private func make() throws(HypervisorError) -> MSHVVCPU<ScriptedDevice> {
        let machine = try MSHV(device).makeMachine()
        try machine.map(memory, count: 0x4000, at: 0x1000, parts: Self.parts)
        let vcpu = try machine.makeVCPU(0)
        try vcpu.load(Self.state)
        _ = try vcpu.counterFrequency()
        return vcpu
    }

    private func isOverride(_ call: ScriptedDevice.Call) -> Bool {
        if case .hypercall(_, code: 0x91, _, _, _) = call { true } else { false }
    }

    @Test func order() throws {
        device.runs = [.success(Message(0x8001_0007).bytes)]
        let vcpu = try make()
        #expect(try vcpu.run() == .halt)
        let base = UInt64(UInt(bitPattern: memory.base))
        var calls = device.calls
        let overrides = calls.filter(isOverride)
        #expect(overrides.count > 20)
        calls.removeAll(where: isOverride)
        #expect(
            calls.prefix(10) == [
                .open("/dev/mshv"),
                .createPartition(bytes(0, 0)),
                .hypercall(
                    "partition", code: 0x45, reps: 0, input: bytes(0, 0x0001_0001, 0),
                    outputSize: 0),
                .initialize,
                .hypercall(
                    "partition", code: 0x44, reps: 0, input: bytes(0, 0x0006_0009), outputSize: 8),
                .setMemory(bytes(0x1000, 1, base, 2)),
                .setMemory(bytes(0x2000, 2, base + 0x1000, 1)),
                .setMemory(bytes(0x1000, 4, base + 0x3000, 0)),
                .createVP([0, 0, 0, 0]),
                .map(page: 0),
            ])
        #expect(calls.last == .run)
        guard calls.count == 13,
            case .hypercall("VP", code: 0x51, reps: 17, let system, outputSize: 0) = calls[10],
            case .hypercall("VP", code: 0x51, reps: 20, let general, outputSize: 0) = calls[11]
        else {
            Issue.record("\(calls.dropFirst(10))")
            return
        }
        #expect(system.count == 16 + 17 * 32 && general.count == 16 + 20 * 32)
        #expect(system.prefix(16) == bytes(0, 0)[...] && general.prefix(16) == bytes(0, 0)[...])
    }

    /// The values of registers by their names, low and high halves.
    @Test(
        arguments: [
            // CS, and a data segment: base; limit, selector, attributes.
            (0x60001, 0, 0xA099_0008_FFFF_FFFF), (0x60002, 0, 0xC093_0010_FFFF_FFFF),
            (0x60000, 0, 0xC093_0010_FFFF_FFFF), (0x60003, 0, 0xC093_0010_FFFF_FFFF),
            (0x60004, 0, 0xC093_0010_FFFF_FFFF), (0x60005, 0, 0xC093_0010_FFFF_FFFF),
            (0x60007, 0xFFFF_8000_0000_1000, 0x008B_0000_0000_0067), (0x60006, 0, 0),
            // GDTR, IDTR.
            (0x70001, 23 << 48, 0xFFFF_8000_0000_0000),
            (0x70000, 0x1FF << 48, 0xFFFF_8000_0000_0100),
            (0x40000, 0x8001_0031, 0), (0x40001, 0, 0), (0x40002, 0x2000, 0), (0x40003, 0x620, 0),
            (0x40004, 0, 0), (0x80001, 0xD00, 0), (0x80003, 0, 0),
            // RSP, RSI, RDI, RIP, RFLAGS.
            (0x20004, 0x1F_FFF8, 0), (0x20006, 7, 0), (0x20007, 0x1_0000, 0),
            (0x20010, 0x10_1234, 0), (0x20011, 2, 0),
            // RAX, R15.
            (0x20000, 0, 0), (0x2000F, 0, 0),
            // The x87 control word, and MXCSR.
            (0x30018, 0x37F, 0), (0x30019, 0, 0x1F80),
        ] as [(UInt32, UInt64, UInt64)])
    func registers(name: UInt32, low: UInt64, high: UInt64) throws {
        _ = try make()
        #expect(device.registers[name] == bytes(low, high))
    }

    // MARK: Failures

    /// What fails when each call fails, by the name of what was tried. Those that a signal
    /// interrupts are made again, but for open(2).
    @Test func everyCallMayFail() throws {
        _ = try make()
        let count = device.calls.count
        let names = [
            "/dev/mshv: could not open", "MSHV: create a partition",
            "MSHV: leave out synthetic features", "MSHV: initialize the partition",
            "MSHV: TSC frequency", "MSHV: map 4096 bytes of guest memory",
            "MSHV: map 8192 bytes of guest memory", "MSHV: map 4096 bytes of guest memory",
            "MSHV: create VP 0", "MSHV: create VP 0",
        ]
        for (number, failed) in device.calls.enumerated() {
            let other = ScriptedDevice()
            other.failures = [number: EBADF]
            let name =
                number < names.count
                ? names[number]
                : isOverride(failed)
                    ? "MSHV: override CPUID leaf 0x"
                    : number == count - 1 ? "MSHV: set the registers" : "MSHV: set the system reg"
            let error = #expect(throws: HypervisorError.self) {
                let machine = try MSHV(other).makeMachine()
                try machine.map(memory, count: 0x4000, at: 0x1000, parts: Self.parts)
                try machine.makeVCPU(0).load(Self.state)
            }
            let text = error?.description ?? ""
            #expect(text.hasPrefix(name) && text.hasSuffix("Bad file descriptor"), "\(failed)")
        }
    }

    @Test(arguments: [EINTR, EAGAIN])
    func callsAreMadeAgain(_ error: Int32) throws {
        _ = try make()
        for (number, failed) in device.calls.enumerated() {
            switch failed {
            case .open, .map: continue
            case .hypercall: break
            default: if error == EAGAIN { continue }
            }
            let other = ScriptedDevice()
            other.failures = [number: error]
            let machine = try MSHV(other).makeMachine()
            try machine.map(memory, count: 0x4000, at: 0x1000, parts: Self.parts)
            try machine.makeVCPU(0).load(Self.state)
            #expect(other.calls.count == device.calls.count + 1)
            #expect(other.calls[number + 1].kind == failed.kind)
            #expect(other.registers == device.registers)
        }
    }

    @Test func patienceHasAnEnd() throws {
        device.answers = [
            0x44: Array(repeating: .init(error: EAGAIN, status: 0xB), count: 10_000)
        ]
        let error = #expect(throws: HypervisorError.self) { _ = try MSHV(device).makeMachine() }
        #expect(
            error?.description
                == "MSHV: TSC frequency: Resource temporarily unavailable (hypervisor status 0xb: "
                + "insufficient memory)")
        #expect(device.calls.count < 1000)
    }

    @Test(
        arguments: [
            (
                EIO, 7,
                "MSHV: leave out synthetic features: Input/output error (hypervisor status 0x7: "
                    + "invalid partition state)"
            ),
            (
                EIO, 0x1234,
                "MSHV: leave out synthetic features: Input/output error (hypervisor status "
                    + "0x1234)"
            ),
            (EINVAL, 0, "MSHV: leave out synthetic features: Invalid argument"),
        ] as [(Int32, UInt16, String)])
    func statuses(_ error: Int32, status: UInt16, text: String) throws {
        device.answers = [0x45: [.init(error: error, status: status)]]
        let thrown = #expect(throws: HypervisorError.self) { _ = try MSHV(device).makeMachine() }
        #expect(thrown?.description == text)
    }

    @Test(
        arguments: [
            (
                0, ENOENT,
                "/dev/mshv: could not open: No such file or directory (it is there only if this "
                    + "is the root partition of a Microsoft Hypervisor, and Linux is 6.15 or newer with "
                    + "CONFIG_MSHV_ROOT)"
            ),
            (
                0, EACCES,
                "/dev/mshv: could not open: Permission denied (only root may, unless a udev rule "
                    + "gives the device to a group)"
            ),
            (
                0, EPERM,
                "/dev/mshv: could not open: Operation not permitted (the device list of a "
                    + "container or unit leaves it out: add the device there, as by --device=/dev/mshv or "
                    + "DeviceAllow=/dev/mshv)"
            ),
            (
                1, ENOTTY,
                "MSHV: this kernel has another interface to the hypervisor, older than Linux "
                    + "6.15's, which is needed"
            ),
            (
                5, ENOMEM,
                "MSHV: map 4096 bytes of guest memory: Cannot allocate memory (the kernel pins "
                    + "all of a guest's memory: give it less with --mem, or raise memory.max of the cgroup)"
            ),
        ] as [(Int, Int32, String)])
    func advice(_ call: Int, error: Int32, text: String) throws {
        device.failures = [call: error]
        let thrown = #expect(throws: HypervisorError.self) { _ = try make() }
        #expect(thrown?.description == text)
    }

    // MARK: Lists

    /// The hypervisor does some elements, some more, none, and the rest.
    @Test(arguments: [nil, EAGAIN])
    func shortLists(_ error: Int32?) throws {
        let whole = ScriptedDevice()
        let machine = try MSHV(whole).makeMachine()
        try machine.makeVCPU(0).load(Self.state)
        device.answers = [
            0x51: [
                .init(error: error, reps: 3), .init(error: error, reps: 0),
                .init(error: error, reps: 13),
            ]
        ]
        _ = try make()
        let counts = device.calls.compactMap { call -> Int? in
            if case .hypercall(_, code: 0x51, let reps, let input, _) = call {
                #expect(input.count == 16 + reps * 32)
                return reps
            }
            return nil
        }
        #expect(counts == [17, 14, 14, 1, 20])
        #expect(device.registers == whole.registers)
    }

    @Test func shortAnswers() throws {
        let vcpu = try make()
        for index: UInt32 in 0..<16 {
            device.registers[0x20000 + index] = bytes(UInt64(index) + 100, 0)
        }
        device.registers[0x40001] = bytes(0xC52, 0)
        let state = try vcpu.state()
        device.answers = [0x50: [.init(reps: 1), .init(error: EAGAIN, reps: 20), .init(reps: 0)]]
        #expect(try vcpu.state() == state)
        #expect(state.rax == 100 && state.rcx == 101 && state.rdx == 102 && state.rbx == 103)
        #expect(state.rsp == 104 && state.rbp == 105 && state.rsi == 106 && state.rdi == 107)
        #expect(state.r8 == 108 && state.r15 == 115 && state.cr2 == 0xC52)
        #expect(state.rip == 0x10_1234 && state.rflags == 2)
        #expect(state.cs.selector == 8 && state.ss.selector == 16 && state.gs.base == 0)
        #expect(state.cr0 == 0x8001_0031 && state.cr3 == 0x2000 && state.cr4 == 0x620)
        #expect(state.efer == 0xD00)
    }

    // MARK: Other

    @Test(arguments: [0x0...0x1000, 0x1000...0x6000, 0x5000...0x6000] as [ClosedRange<UInt64>])
    func partsOutsideMemory(_ range: ClosedRange<UInt64>) throws {
        let machine = try MSHV(device).makeMachine()
        #expect(throws: HypervisorError.self) {
            try machine.map(
                memory, count: 0x4000, at: 0x1000,
                parts: [MemoryPart(range.lowerBound..<range.upperBound)])
        }
        #expect(throws: HypervisorError.self) {
            try machine.map(memory, count: 0x4001, at: 0x1000)
        }
        #expect(device.calls.count == 5)
    }

    @Test func withoutParts() throws {
        let machine = try MSHV(device).makeMachine()
        try machine.map(memory, count: 0x4000, at: 0x1000)
        let base = UInt64(UInt(bitPattern: memory.base))
        #expect(device.calls.last == .setMemory(bytes(0x4000, 1, base, 3)))
    }

    /// In kHz, in MHz, and of another processor.
    @Test(arguments: [1000, 1_000_000, 1.02, 0.98])
    func frequencies(_ divisor: Double) throws {
        #expect(try make().counterFrequency() == HostCounter.frequency)
        device.property = UInt64(Double(HostCounter.frequency) / divisor)
        let error = #expect(throws: HypervisorError.self) { _ = try make() }
        #expect(
            error?.description.hasPrefix(
                "MSHV: TSC frequency: the hypervisor says \(device.property) Hz, but the host's "
                    + "clock measures ") == true)
    }
}

extension ScriptedDevice.Call {
    /// The call without its argument.
    var kind: String {
        switch self {
        case .hypercall(let object, let code, _, _, _): "\(code) on \(object)"
        default: String(description.prefix { $0 != "[" })
        }
    }
}
