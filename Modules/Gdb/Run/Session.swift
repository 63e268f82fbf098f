import Architecture
import CLinux
import Hypervisor
import Linux
import Tender

/// A debugger's session: answers requests and carries them out on the guest.
///
/// It is independent of sockets. Requests come only while all vCPUs are stopped.
final class Session {
    enum Answer: Equatable {
        case reply([UInt8])
        /// Several packets, the last of which ends the answer.
        case replies([[UInt8]])
        /// The guest runs: the answer is sent when it stops.
        case later
        /// A reply after which no packet is acknowledged any more (QStartNoAckMode).
        case lastAcknowledged([UInt8])
        /// The debugger detaches.
        case detached([UInt8])
        case killed
    }

    private let target: Target
    private let facts: LaunchFacts
    /// The vCPU that requests about registers and memory refer to.
    private var selected = 0
    /// The vCPU that stopped last, and why.
    private var last: (cpu: Int, stop: Stop) = (0, .asked)
    private var understandsReasons = false
    /// Whether the vCPUs were last stopped by Ctrl-C.
    private var isInterrupted = false

    init(_ target: Target, _ facts: LaunchFacts) {
        self.target = target
        self.facts = facts
    }

    private static let ok = Array("OK".utf8)
    private static func failure(_ errno: Errno) -> Answer {
        .reply(Array("E".utf8) + Hex.digits([UInt8(truncatingIfNeeded: errno.code)]))
    }
    private static var invalid: Answer { failure(Errno(EINVAL)) }

    var control: GuestControl { target.control }

    /// Starts a session: a debugger has connected, and all vCPUs are stopped.
    func begin() {
        understandsReasons = false
        isInterrupted = false
        last = control.takeStop() ?? (last.cpu, .asked)
        selected = last.cpu
    }

    /// Removes all breakpoints after the debugger has detached or its connection was lost.
    func clear() { target.clear() }

    /// Resumes all vCPUs with no debugger attached: their stops are not reported.
    func release() {
        control.resume(target.cpus.map { _ in true }, isWatched: false)
    }

    func interrupt() {
        isInterrupted = true
        control.halt()
    }

    /// The stop reply for a guest that ran and is now stopped.
    func stopped() -> [UInt8] {
        last = control.takeStop() ?? (last.cpu, .asked)
        selected = last.cpu
        defer { isInterrupted = false }
        return report
    }

    /// The stop reply for the guest's end: `W` with its exit status, or `X` with a signal.
    static func report(_ end: GuestEnd) -> [UInt8] {
        switch end {
        case .halt(let halt):
            Array("W".utf8) + Hex.digits([UInt8(truncatingIfNeeded: halt.exitStatus)])
        case .fault: Array("X".utf8) + Hex.digits([Stop.Signal.segmentation.rawValue])
        case .stopped: Array("X".utf8) + Hex.digits([Stop.Signal.kill.rawValue])
        }
    }

    func answer(_ request: Request) -> Answer {
        do throws(Errno) {
            return try answerOrFail(request)
        } catch {
            return Self.failure(error)
        }
    }

    private func answerOrFail(_ request: Request) throws(Errno) -> Answer {
        switch request {
        case .features(let stopReasons):
            understandsReasons = stopReasons
            return .reply(features)
        case .noAcknowledgements: return .lastAcknowledged(Self.ok)
        case .stopReason: return .reply(report)
        case .readRegisters: return .reply(Hex.digits(try registers().bytes))
        case .writeRegisters(let bytes):
            var registers = try registers()
            guard registers.setAll(bytes) else { return Self.invalid }
            return try set(registers)
        case .readRegister(let number):
            guard let bytes = try registers().bytes(of: number) else { return Self.invalid }
            return .reply(Hex.digits(bytes))
        case .writeRegister(let number, let bytes):
            var registers = try registers()
            guard registers.set(number, to: bytes) else { return Self.invalid }
            return try set(registers)
        case .readMemory(let address, let count):
            let bytes = try target.memory.read(at: address, count: count, as: state())
            return .reply(Hex.digits(bytes))
        case .writeMemory(let address, let bytes):
            try target.memory.write(bytes, at: address, as: state())
            return .reply(Self.ok)
        case .insert(let breakpoint): return try insert(breakpoint)
        case .remove(let breakpoint): return try remove(breakpoint)
        case .resumptions: return .reply(Array("vCont;c;C;s;S;t".utf8))
        case .resume(let resumptions): return try resume(resumptions)
        case .select, .isAlive, .firstThreads, .moreThreads, .currentThread, .threadInformation:
            return threads(request)
        case .isAttached: return .reply(Array("1".utf8))
        case .offsets: return .reply(offsets)
        case .description(let offset, let count): return describe(offset, count)
        case .command(let command): return run(command)
        case .detach: return .detached(Self.ok)
        case .kill: return .killed
        case .unknown: return .reply([])
        case .malformed: return Self.invalid
        }
    }

    private var features: [UInt8] {
        let size = Hex.number(UInt64(PacketReader.mostBytes))
        let rest =
            ";QStartNoAckMode+;qXfer:features:read+;vContSupported+;swbreak+;hwbreak+;multiprocess-"
        return Array("PacketSize=".utf8) + size + Array(rest.utf8)
    }

    // MARK: Stops

    private var report: [UInt8] {
        var text = Array("T".utf8) + Hex.digits([signal.rawValue])
        text += Array("thread:".utf8) + Hex.number(UInt64(last.cpu + 1)) + Array(";".utf8)
        switch last.stop {
        case .breakpoint where understandsReasons: text += Array("swbreak:;".utf8)
        case .watch(let index):
            guard let breakpoint = target.watches.breakpoint(ofPiece: index) else { break }
            switch breakpoint.kind {
            case .software, .hardware:
                if understandsReasons { text += Array("hwbreak:;".utf8) }
            case .write: text += Array("watch:".utf8) + addressText(breakpoint)
            case .read: text += Array("rwatch:".utf8) + addressText(breakpoint)
            case .access: text += Array("awatch:".utf8) + addressText(breakpoint)
            }
        default: break
        }
        return text
    }

    private func addressText(_ breakpoint: Request.Breakpoint) -> [UInt8] {
        Hex.number(breakpoint.address) + Array(";".utf8)
    }

    private var signal: Stop.Signal {
        switch last.stop {
        case .fault(let signal): signal
        case .asked where isInterrupted: .interrupt
        case .asked, .step, .breakpoint, .trap, .watch: .trap
        }
    }

    // MARK: Registers and memory

    private func hypervising<Value>(
        _ body: () throws(HypervisorError) -> Value
    ) throws(Errno) -> Value {
        try wrapping({ _ in Errno(EIO) }, body)
    }

    private func state() throws(Errno) -> Registers {
        try hypervising { () throws(HypervisorError) in try target.cpus[selected].state() }
    }

    private func registers() throws(Errno) -> RegisterFile {
        try hypervising { () throws(HypervisorError) in try target.registers(of: selected) }
    }

    private func set(_ registers: RegisterFile) throws(Errno) -> Answer {
        try hypervising { () throws(HypervisorError) in
            try target.set(registers, of: selected)
        }
        return .reply(Self.ok)
    }

    private func insert(_ breakpoint: Request.Breakpoint) throws(Errno) -> Answer {
        if breakpoint.kind == .software {
            try target.memory.plant(at: breakpoint.address, as: state())
            return .reply(Self.ok)
        }
        return target.watches.insert(breakpoint) ? .reply(Self.ok) : Self.failure(Errno(ENOSPC))
    }

    private func remove(_ breakpoint: Request.Breakpoint) throws(Errno) -> Answer {
        if breakpoint.kind == .software {
            try target.memory.unplant(at: breakpoint.address)
        } else {
            target.watches.remove(breakpoint)
        }
        return .reply(Self.ok)
    }

    // MARK: Running

    private func resume(_ resumptions: [Request.Resumption]) throws(Errno) -> Answer {
        let kinds = target.cpus.indices.map { cpu in
            resumptions.first { isMeant(cpu, by: $0.threads) }?.kind ?? .stay
        }
        // If no vCPU ran, there would never be a stop to report.
        guard kinds.contains(where: { $0 != .stay }) else { return Self.invalid }
        if control.hasNews { return .reply(stopped()) }
        try hypervising { () throws(HypervisorError) in try target.resume(kinds) }
        return .later
    }

    private func isMeant(_ cpu: Int, by thread: Request.ThreadNumber) -> Bool {
        switch thread {
        case .all: true
        case .any: cpu == selected
        case .one(let number): number == cpu + 1
        }
    }

    // MARK: Threads

    private func threads(_ request: Request) -> Answer {
        switch request {
        case .select(.one(let number), let isGeneral):
            guard let cpu = cpu(number) else { return Self.invalid }
            if isGeneral { selected = cpu }
            return .reply(Self.ok)
        case .select(_, let isGeneral):
            if isGeneral { selected = last.cpu }
            return .reply(Self.ok)
        case .isAlive(.one(let number)):
            return cpu(number) == nil ? Self.invalid : .reply(Self.ok)
        case .firstThreads:
            let numbers = target.cpus.indices.map { Hex.number(UInt64($0 + 1)) }
            return .reply(Array("m".utf8) + Array(numbers.joined(separator: Array(",".utf8))))
        case .moreThreads: return .reply(Array("l".utf8))
        case .currentThread: return .reply(Array("QC".utf8) + Hex.number(UInt64(selected + 1)))
        case .threadInformation(.one(let number)):
            guard let cpu = cpu(number) else { return Self.invalid }
            let text = "vCPU \(cpu)" + (control.isServing(cpu) ? ", in a hypercall" : "")
            return .reply(Hex.digits(text.utf8))
        default: return Self.invalid
        }
    }

    private func cpu(_ number: Int) -> Int? {
        target.cpus.indices.contains(number - 1) ? number - 1 : nil
    }

    // MARK: Others

    /// The answer to `qOffsets`: the load bias of the image.
    private var offsets: [UInt8] {
        let bias = Hex.number(target.bias)
        return ["Text=", ";Data=", ";Bss="].flatMap { Array($0.utf8) + bias }
    }

    private func describe(_ offset: Int, _ count: Int) -> Answer {
        let text = TargetDescription.text
        guard offset <= text.count else { return Self.invalid }
        // Escaping may take two bytes for each.
        let part = text[offset...].prefix(min(count, Request.mostMemory))
        let isLast = offset + part.count == text.count
        return .reply(Array((isLast ? "l" : "m").utf8) + part)
    }

    private func run(_ command: [UInt8]) -> Answer {
        let text = MonitorCommand.run(command, target, selected, facts)
        // Console output (`O`) is split into packets.
        var rest = Array(text.utf8)[...]
        var replies: [[UInt8]] = []
        while !rest.isEmpty {
            replies.append(Array("O".utf8) + Hex.digits(rest.prefix(Request.mostMemory)))
            rest = rest.dropFirst(Request.mostMemory)
        }
        return .replies(replies + [Self.ok])
    }
}
