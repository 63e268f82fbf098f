import CLinux
import Linux
import Tender

/// Serves one debugger after the other, on a thread of its own, for as long as the process lives.
final class Server: @unchecked Sendable {
    private enum State {
        /// There is no debugger. Whether the guest runs meanwhile.
        case alone(isRunning: Bool)
        /// One has come; the guest is about to stand still.
        case arriving
        /// It asks, and is answered.
        case talking
        /// It waits until the guest stops.
        case waiting
        /// It is gone without a word while the guest ran, which is about to stand still.
        case lost
    }

    private let door: Door
    private let session: Session
    private let facts: LaunchFacts
    private var state = State.alone(isRunning: false)
    private var reader = PacketReader()
    private var acknowledges = true
    /// In case that it is wanted again.
    private var lastPacket: [UInt8] = []

    /// How long to wait for a debugger that does not read, in nanoseconds.
    private static let patience: UInt64 = 5_000_000_000
    private static let received = [UInt8(ascii: "+")]

    init(_ door: Door, _ session: Session, _ facts: LaunchFacts) {
        self.door = door
        self.session = session
        self.facts = facts
    }

    func serve() {
        door.makeRoom()
        facts.say(door.invitation)
        while true { turn() }
    }

    /// Waits for whatever comes next, and deals with it.
    private func turn() {
        if session.control.isStill { guestIsStill() }
        let source =
            switch state {
            case .alone: door.listener.number
            case .talking, .waiting: door.connection.number
            // It is heard when the guest stands still.
            case .arriving, .lost: Int32(-1)
            }
        let ready = Readiness.wait(door.changed.number, source)
        if ready.first {
            door.changed.clear()
            if let end = session.control.guestEnd { return finish(end) }
        }
        guard ready.second else { return }
        switch state {
        case .alone: accept()
        case .talking, .waiting: receive()
        case .arriving, .lost: break
        }
    }

    private func finish(_ end: GuestEnd) {
        switch state {
        case .talking, .waiting: send(Session.report(end))
        case .alone, .arriving, .lost: break
        }
        session.control.confirmEnd()
        // Nothing is left to do, and a thread that ends does more than the others may.
        while true { _ = Readiness.wait(-1, -1) }
    }

    private func guestIsStill() {
        switch state {
        case .arriving:
            session.begin()
            state = .talking
        case .waiting:
            state = .talking
            send(session.stopped())
        case .lost:
            session.clear()
            let stays = session.control.hasNews
            if !stays { session.release() }
            state = .alone(isRunning: !stays)
        case .alone, .talking: break
        }
    }

    // MARK: Connections

    private func accept() {
        do throws(Errno) {
            try door.listener.accept(as: door.connection.number)
        } catch {
            // Whoever it was has gone again.
            return
        }
        facts.say("The debugger is connected.")
        reader = PacketReader()
        acknowledges = true
        state = .arriving
        session.control.halt()
    }

    private func receive() {
        do throws(Errno) {
            guard let bytes = try door.connection.receive(upTo: PacketReader.mostBytes) else {
                return
            }
            if bytes.isEmpty { return lose() }
            for byte in bytes {
                guard let item = reader.take(byte) else { continue }
                take(item)
                if case .alone = state { return }
                if case .lost = state { return }
            }
        } catch {
            lose()
        }
    }

    /// The connection has ended without a word: the guest stays as it is, but for what the debugger
    /// has put into it, until another debugger comes.
    private func lose() {
        switch state {
        case .waiting:
            state = .lost
            facts.say("The debugger's connection has ended. The guest runs on.")
            session.control.halt()
        case .talking:
            session.clear()
            state = .alone(isRunning: false)
            facts.say("The debugger's connection has ended. The guest waits for another one.")
        case .alone, .arriving, .lost: return
        }
        door.connection.end()
    }

    // MARK: Packets

    private func take(_ item: PacketReader.Item) {
        switch item {
        case .interrupt:
            if case .waiting = state { session.interrupt() }
        case .refusal:
            if acknowledges { write(lastPacket) }
        case .corrupt:
            if acknowledges { write([UInt8(ascii: "-")]) }
        case .oversized:
            if acknowledges { write(Self.received) }
            send([])
        case .packet(let content):
            if acknowledges { write(Self.received) }
            // No debugger says more than Ctrl-C to a guest that runs.
            if case .talking = state { answer(Request(content)) }
        }
    }

    private func answer(_ request: Request) {
        switch session.answer(request) {
        case .reply(let reply): send(reply)
        case .replies(let replies): for reply in replies { send(reply) }
        case .later:
            state = .waiting
        case .lastAcknowledged(let reply):
            send(reply)
            acknowledges = false
        case .detached(let reply):
            session.clear()
            send(reply)
            door.connection.end()
            state = .alone(isRunning: true)
            facts.say("The debugger has left. The guest runs on.")
            session.release()
        case .killed:
            send(Array("OK".utf8))
            facts.say("Killed by the debugger.")
            session.clear()
            if !session.control.kill() {
                // Every thread of the guest's may wait for ever for something outside.
                session.control.confirmEnd()
                Emergency.end()
            }
        }
    }

    private func send(_ content: [UInt8]) {
        lastPacket = PacketReader.packet(content)
        write(lastPacket)
    }

    private func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let count = try? door.connection.send(rest) else { return lose() }
            rest = rest.dropFirst(count)
            if rest.isEmpty { return }
            let ready = Readiness.wait(
                -1, door.connection.number, forWriting: true, upTo: Self.patience)
            guard ready.second else { return lose() }
        }
    }
}
