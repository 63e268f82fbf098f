import Testing

@testable import Architecture

@Suite struct RegisterFileTests {
    /// The registers that the description names, in order, with their sizes in bytes.
    private var described: [(name: String, size: Int)] {
        let text = String(decoding: TargetDescription.text, as: UTF8.self)
        return text.matches(of: /<reg name="([^"]+)" bitsize="([0-9]+)"/)
            .map { (String($0.1), (Int($0.2) ?? 0) / 8) }
    }

    @Test func `the description has the registers' order and sizes`() throws {
        let registers = RegisterFile(Registers(), FloatingPointState())
        #expect(described.count == X86_64.Register.count)
        for (number, (name, size)) in described.enumerated() {
            #expect(registers.bytes(of: number)?.count == size, "\(name)")
        }
        #expect(described.firstIndex { $0.name == "rip" } == 16)
        #expect(described.firstIndex { $0.name == "xmm0" } == X86_64.Register.firstVector)
        #expect(described.firstIndex { $0.name == "fs_base" } == X86_64.Register.fsBase)
        #expect(registers.bytes.count == described.map(\.size).reduce(0, +))
        #expect(registers.bytes(of: X86_64.Register.count) == nil)
    }

    @Test func `the description is XML`() {
        // Each element that opens closes.
        let text = String(decoding: TargetDescription.text, as: UTF8.self)
        var open: [Substring] = []
        for tag in text.matches(of: /<(\/?)([a-z]+)[^>]*?(\/?)>/) {
            if !tag.1.isEmpty {
                #expect(open.popLast() == tag.2)
            } else if tag.3.isEmpty {
                open.append(tag.2)
            }
        }
        #expect(open.isEmpty)
    }

    @Test func `each register can be changed, and no other changes with it`() {
        for number in 0..<X86_64.Register.changeableCount {
            var registers = RegisterFile(Registers(), FloatingPointState())
            let before = registers
            let size = registers.bytes(of: number)?.count ?? 0
            // A selector has 16 bits, the opcode 11, and tags are told from values.
            var value = [UInt8](repeating: 0, count: size)
            value[0] = 5
            if described[number].name == "ftag" { value = [0xFD, 0xFF, 0, 0] }
            let isSet = registers.set(number, to: value)
            #expect(isSet)
            #expect(registers.isStateChanged != registers.isFloatingChanged)
            guard described[number].name != "ftag" else { continue }
            #expect(registers.bytes(of: number) == value, "\(described[number].name)")
            for other in 0..<X86_64.Register.count where other != number {
                #expect(registers.bytes(of: other) == before.bytes(of: other))
            }
        }
    }

    @Test func `r12 to r15 are there`() {
        var state = Registers()
        (state.r12, state.r13, state.r14, state.r15) = (12, 13, 14, 0x1122_3344_5566_7788)
        let registers = RegisterFile(state, FloatingPointState())
        #expect(registers.bytes(of: 12) == [12, 0, 0, 0, 0, 0, 0, 0])
        #expect(registers.bytes(of: 15) == [0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11])
    }

    @Test func `wrong sizes, wrong numbers and what cannot be changed`() {
        var registers = RegisterFile(Registers(), FloatingPointState())
        for (number, size) in [
            (0, 7), (0, 9), (0, 0), (17, 8), (24, 8), (40, 8), (64, 8), (-1, 8), (61, 8),
        ] {
            let isSet = registers.set(number, to: [UInt8](repeating: 1, count: size))
            #expect(!isSet)
        }
        let isSet = registers.setAll([UInt8](repeating: 0, count: 100))
        #expect(!isSet)
        let isSetAgain = registers.setAll(registers.bytes + [1, 2, 3])
        #expect(isSetAgain)
        #expect(!registers.isStateChanged && !registers.isFloatingChanged)
    }

    @Test func `tags of the stack`() {
        var floating = FloatingPointState()
        // ST0 is place 7: 1.0; place 0, ST1: zero; place 1, ST2: infinity; the rest is empty.
        floating.status = 7 << 11
        floating.tags = 0b1000_0011
        floating.stack[0] = [0, 0, 0, 0, 0, 0, 0, 0x80, 0xFF, 0x3F]
        floating.stack[2] = [0, 0, 0, 0, 0, 0, 0, 0x80, 0xFF, 0x7F]
        let registers = RegisterFile(Registers(), floating)
        #expect(registers.bytes(of: 34) == [0b1111_1001, 0b0011_1111, 0, 0])
    }
}
