import Testing

@testable import Architecture

@Suite("gdb's registers on aarch64") struct AArch64RegisterFileTests {
    private typealias File = AArch64.RegisterFile

    /// The registers that the description names, in order, with their sizes in bytes.
    private var described: [(name: String, size: Int)] {
        let text = String(decoding: AArch64.TargetDescription.text, as: UTF8.self)
        return text.matches(of: /<reg name="([^"]+)" bitsize="([0-9]+)"/)
            .map { (String($0.1), (Int($0.2) ?? 0) / 8) }
    }

    @Test func `the description has the registers' order and sizes`() {
        let registers = File(AArch64.Registers(), AArch64.FloatingPointState())
        #expect(described.count == File.count)
        for (number, (name, size)) in described.enumerated() {
            #expect(registers.bytes(of: number)?.count == size, "\(name)")
        }
        #expect(described.firstIndex { $0.name == "pc" } == File.programCounter)
        #expect(described.firstIndex { $0.name == "v0" } == File.firstVector)
        #expect(described.firstIndex { $0.name == "fpcr" } == File.vectorControl)
        #expect(registers.bytes.count == described.map(\.size).reduce(0, +))
    }

    @Test func `each register can be changed, and no other changes with it`() {
        for number in 0..<File.firstSystem {
            var registers = File(AArch64.Registers(), AArch64.FloatingPointState())
            let before = registers
            var value = [UInt8](repeating: 0, count: registers.bytes(of: number)?.count ?? 0)
            value[0] = 0x40
            let isSet = registers.set(number, to: value)
            #expect(isSet)
            #expect(registers.isStateChanged != registers.isFloatingChanged)
            #expect(registers.bytes(of: number) == value, "\(described[number].name)")
            for other in 0..<File.count where other != number {
                #expect(registers.bytes(of: other) == before.bytes(of: other))
            }
        }
    }

    @Test func `system registers can be read only`() {
        var state = AArch64.Registers()
        (state.esr, state.vbar) = (0x1234, 0x5678)
        var registers = File(state, AArch64.FloatingPointState())
        #expect(registers.bytes(of: File.firstSystem)?.prefix(2) == [0x34, 0x12])
        #expect(registers.bytes(of: File.count - 1)?.prefix(2) == [0x78, 0x56])
        let isSet = registers.set(File.firstSystem, to: [UInt8](repeating: 1, count: 8))
        #expect(!isSet)
        #expect(File.groups.flatMap { $0 }.contains { $0.name == "vbar" && $0.number == 76 })
    }
}
