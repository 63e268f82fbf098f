#if Gdb
    import Architecture
    import Hypervisor
    import TestSupport

    @testable import Gdb
    @testable import Tender

    /// What comes from the peer that is to be a debugger.
    ///
    /// If the first byte of an input is even, the rest is what comes through the socket; otherwise
    /// the contents of packets, each after a byte for its length.
    final class DebuggerTarget: InputTarget {
        static let name = "debugger"

        private static let mostPackets = 64
        private static let root: UInt64 = 0x10_1000
        /// Virtual and physical address of what is looked at.
        private static let code: UInt64 = 0x1000
        private static let content = [UInt8](repeating: 0x90, count: 0x2000)

        private let window: MemoryWindow
        private let memory: GuestMemory
        private let facts = LaunchFacts(program: "pinnace", modules: [])

        init() throws {
            window = try MemoryWindow()
            memory = try GuestMemory(count: 4 << 20)
        }

        /// A vCPU that stands still.
        private final class CPU: DebuggedCPU {
            private var registers = Registers()
            private var floating = FloatingPointState()

            init() {
                (registers.cr0, registers.efer) = (0x8000_0001, 0x500)
                (registers.cr3, registers.rip) = (root, code)
            }

            func state() -> Registers { registers }
            func setState(_ state: Registers) { registers = state }
            func floatingPoint() -> FloatingPointState { floating }
            func setFloatingPoint(_ state: FloatingPointState) { floating = state }
            func setStops(_ stops: DebugStops) {}
            var debugExit: DebugExit { DebugExit(address: registers.rip) }
        }

        func run(_ input: [UInt8]) throws -> Verdict {
            guard let first = input.first else { return .refused }
            try memory.place(Self.content, at: Self.code)
            // Two large pages, each at its own address.
            try memory.place(Self.root + 0x1003, at: Self.root)
            try memory.place(Self.root + 0x2003, at: Self.root + 0x1000)
            try memory.place(0x83 as UInt64, at: Self.root + 0x2000)
            try memory.place(0x20_0083 as UInt64, at: Self.root + 0x2008)
            let threads = GuestThreads()
            for _ in 0..<2 { threads.addVCPU(requestExit: {}) }
            let target = Target(
                Subject(memory: memory, vcpus: [CPU(), CPU()], threads: threads), window, tell: {})
            let session = Session(target, facts)
            session.begin()
            let rest = input.dropFirst()
            let packets = first & 1 == 0 ? Self.packets(onWire: rest) : Self.packets(counted: rest)
            var changesMemory = false
            var isUnderstood = false
            for packet in packets.prefix(Self.mostPackets) {
                let request = Request(packet)
                if case .writeMemory = request { changesMemory = true }
                // Breakpoints are found by registers, which say where tables are.
                if case .writeRegister = request { changesMemory = true }
                if case .writeRegisters = request { changesMemory = true }
                if request != .unknown, request != .malformed { isUnderstood = true }
                guard try answer(request, session) else { break }
            }
            session.clear()
            try promise(!target.memory.hasBreakpoints, "breakpoints stay")
            let range = try memory.tenderRange(at: Self.code, count: Self.content.count)
            try promise(
                changesMemory || memory.bytes(in: range) == Self.content,
                "the guest's memory is not what it was")
            return isUnderstood ? .accepted : .refused
        }

        /// - Returns: whether the debugger stays.
        private func answer(_ request: Request, _ session: Session) throws -> Bool {
            var replies: [[UInt8]] = []
            var stays = true
            switch session.answer(request) {
            case .reply(let reply), .lastAcknowledged(let reply): replies = [reply]
            case .replies(let several): replies = several
            case .later: replies = [session.stopped()]
            case .detached(let reply):
                replies = [reply]
                stays = false
            case .killed: stays = false
            }
            for reply in replies {
                // Escapes can double it.
                let packet = PacketReader.packet(reply)
                try promise(
                    packet.count <= 2 * PacketReader.mostBytes + 4, "\(packet.count) bytes at once")
            }
            return stays
        }

        private static func packets(onWire bytes: ArraySlice<UInt8>) -> [[UInt8]] {
            var reader = PacketReader()
            return bytes.compactMap { byte in
                guard case .packet(let content) = reader.take(byte) else { return nil }
                return content
            }
        }

        private static func packets(counted bytes: ArraySlice<UInt8>) -> [[UInt8]] {
            var packets: [[UInt8]] = []
            var rest = bytes
            while let count = rest.popFirst() {
                packets.append(Array(rest.prefix(Int(count))))
                rest = rest.dropFirst(Int(count))
            }
            return packets
        }

        // MARK: Inputs

        private static let requests = [
            "qSupported:swbreak+;hwbreak+", "?", "g", "G00ff", "p0", "p10", "P0=0000000000000000",
            "P3a=0000000000000080", "m1000,20", "m7ffffffffffff000,10", "mffffffffffffffff,2",
            "M1000,2:9090", "X1000,2:ab", "X0,0:", "Z0,1000,1", "z0,1000,1", "Z1,1000,1",
            "Z2,1003,7", "Z3,1000,8", "Z4,1001,20", "vCont?", "vCont;s:1;c", "vCont;t:-1;c:2",
            "Hg2",
            "Hc-1", "T1", "qfThreadInfo", "qsThreadInfo", "qThreadExtraInfo,1", "qC", "qAttached",
            "qOffsets", "qXfer:features:read:target.xml:0,fff", "qRcmd,68656c70", "s", "c", "C05",
            "S05", "QStartNoAckMode", "D", "k", "vKill;1",
        ]

        static var seeds: [[UInt8]] {
            let contents = requests.map { Array($0.utf8) }
            let commands = ["help", "regs", "state", "memory", "exits", "modules", "help regs"].map
            {
                Array("qRcmd,".utf8) + Hex.digits(Array($0.utf8))
            }
            return [
                [0] + contents.flatMap { PacketReader.packet($0) }, [1] + contents.flatMap(counted),
                [1] + commands.flatMap(counted), [0] + Array("+-$g#68\u{3}$#00$m0,1#00".utf8),
            ] + contents.map { [1] + counted($0) }
        }

        private static func counted(_ content: [UInt8]) -> [UInt8] {
            [UInt8(content.count)] + content
        }

        static var words: [[UInt8]] {
            [
                "vCont;", "qXfer:features:read:target.xml:", "ffffffffffffffff", "Z2,", "Z0,1000,1",
                "qRcmd,", "$", "#", "}", "*", "1000,", "8000000000000000",
            ].map { Array($0.utf8) }
        }
    }
#endif
