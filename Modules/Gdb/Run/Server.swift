import CLinux
import Linux
import Tender

/// Serves one debugger at a time, on its own thread, until the process ends.
final class Server: @unchecked Sendable {
    private enum State {
        /// No debugger is connected; the guest runs or is stopped.
        case alone(isRunning: Bool)
        /// A debugger has connected; the guest is about to stop.
        case arriving
        /// The guest is stopped, and requests are answered.
        case talking
        /// The guest runs, and the debugger waits for a stop.
        case waiting
        /// The connection was lost while the guest ran; the guest is about to stop.
        case lost
    }

    private let door: Door
    private let session: Session
    private let facts: LaunchFacts
    private var state = State.alone(isRunning: false)
    private var reader = PacketReader()
    private var acknowledges = true
    /// Kept for retransmission.
    private var lastPacket: [UInt8] = []

    /// The timeout for a debugger that does not read, in nanoseconds.
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

    /// Waits for the next event, and handles it.
    private func turn() {
        if session.control.isStill { guestIsStill() }
        let source =
            switch state {
            case .alone: door.listener.number
            case .talking, .waiting: door.connection.number
            // Its packets are read once the guest is stopped.
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
        // A thread that exits makes system calls that the filter does not allow: wait for the end.
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
            // The peer has closed the connection already.
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

    /// Handles a lost connection: removes all breakpoints. A guest that ran goes on running; one
    /// that was stopped stays stopped until another debugger connects.
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
            // While the guest runs, all that a debugger may send is Ctrl-C.
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
                // All vCPU threads are in hypercalls, which may block for ever.
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
