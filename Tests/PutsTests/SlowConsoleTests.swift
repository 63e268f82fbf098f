import Foundation
import TestSupport
import Testing

@testable import Puts

/// Consoles whose reader is late, or does not come at all.
struct SlowConsoleTests {
    static let millisecond: UInt64 = 1_000_000

    enum Kind: CaseIterable, CustomTestStringConvertible {
        case pipe, nonBlockingPipe, socket, nonBlockingSocket

        var testDescription: String { "\(self)" }

        func make() throws -> (reader: Descriptor, writer: Descriptor) {
            let ends =
                switch self {
                case .pipe, .nonBlockingPipe: try Descriptor.pipe()
                case .socket, .nonBlockingSocket: try Descriptor.socketPair(SOCK_STREAM)
                }
            let blocks = self == .pipe || self == .socket
            try ends.1.setBlocking(blocks)
            return ends
        }
    }

    /// More than any of them holds: it is written in many pieces.
    @Test(arguments: Kind.allCases)
    func longOutputArrivesWholeAndInOrder(_ kind: Kind) throws {
        let (reader, writer) = try kind.make()
        let bytes = pattern(1 << 20)
        var received: [UInt8] = []
        let sender = Background {
            let guest = try Guest(console: writer)
            return [try guest.puts(bytes), try guest.puts("end")]
        }
        while received.count < bytes.count + 3 {
            received += try reader.read(upTo: 10_000)
        }
        #expect(try sender.join() == [.resume, .resume])
        let isWhole = received == bytes + Array("end".utf8)
        #expect(isWhole)
    }

    @Test(arguments: Kind.allCases)
    func waitsForReader(_ kind: Kind) throws {
        let (reader, writer) = try kind.make()
        let guest = try Guest(console: writer)
        let filled = try writer.fill()
        let received = Received()
        let late = Background {
            usleep(20_000)
            while received.count < filled + 5 { received.add(try reader.read(upTo: 100_000)) }
        }
        #expect(try guest.puts("hello") == .resume)
        try late.join()
        #expect(received.last(5) == Array("hello".utf8))
    }

    @Test("attack 13: a console that nobody reads", arguments: Kind.allCases)
    func doesNotWaitForever(_ kind: Kind) throws {
        let (reader, writer) = try kind.make()
        let guest = try Guest(console: writer, patience: 30 * Self.millisecond)
        let filled = try writer.fill()
        let clock = ContinuousClock()
        let start = clock.now
        #expect(try guest.puts("lost") == .resume)
        #expect(clock.now - start >= .milliseconds(30))
        // Then comes the reader, and the output from where the guest is by then.
        try reader.setBlocking(false)
        #expect(try reader.readAll().count == filled)
        try guest.puts("back")
        #expect(try reader.readAll() == Array("back".utf8))
    }

    /// What did not fit is gone, and nothing of it comes later.
    @Test(arguments: Kind.allCases)
    func dropsTheRestOfLongOutput(_ kind: Kind) throws {
        let (reader, writer) = try kind.make()
        let guest = try Guest(console: writer, patience: Self.millisecond)
        let bytes = pattern(3 << 20)
        #expect(try guest.puts(bytes) == .resume)
        try reader.setBlocking(false)
        let received = try reader.readAll()
        #expect(received.count > 0 && received.count < bytes.count)
        let isBeginning = received == Array(bytes.prefix(received.count))
        #expect(isBeginning)
        try guest.puts("next")
        #expect(try reader.readAll() == Array("next".utf8))
    }

    /// A reader that used up our patience is not waited for, until it is back.
    @Test("attack 13: more of it", arguments: Kind.allCases)
    func isPatientOnce(_ kind: Kind) throws {
        let (reader, writer) = try kind.make()
        let guest = try Guest(console: writer, patience: Self.millisecond)
        _ = try writer.fill()
        try reader.setBlocking(false)
        for _ in 1...2 {
            let before = waits()
            try guest.puts("lost")
            let between = waits()
            #expect(between > before)
            for _ in 1...1000 { try guest.puts("lost") }
            // Others than ours are few.
            #expect(waits() - between < 500)
            // Once it has read, it has our patience again.
            _ = try reader.readAll()
            try guest.puts("back")
            #expect(try reader.readAll() == Array("back".utf8))
            _ = try writer.fill()
        }
    }

    @Test func terminalThatIsStopped() throws {
        let (screen, line) = try Descriptor.terminal()
        let guest = try Guest(console: line, patience: Self.millisecond)
        // As Ctrl-S does.
        try attempt { tcflow(line.number, TCOOFF) }
        #expect(try guest.puts(pattern(1 << 20)) == .resume)
        try attempt { tcflow(line.number, TCOON) }
        // What it shows is read: the room for it was in use.
        try screen.setBlocking(false)
        _ = try screen.readAll()
        try guest.puts("back")
        #expect(try screen.readAll() == Array("back".utf8))
    }

    @Test func eventDescriptorThatIsFull() throws {
        let event = try Descriptor.event()
        let most = UInt64.max - 1
        try event.write(littleEndian(most))
        let guest = try Guest(console: event, patience: Self.millisecond)
        #expect(try guest.puts(littleEndian(7 as UInt64)) == .resume)
        #expect(try event.read(upTo: 8) == littleEndian(most))
        #expect(try guest.puts(littleEndian(8 as UInt64)) == .resume)
        #expect(try event.read(upTo: 8) == littleEndian(8 as UInt64))
    }

    @Test func signalsDoNotShortenPatience() throws {
        let (reader, writer) = try Kind.pipe.make()
        let guest = try Guest(console: writer, patience: 30 * Self.millisecond)
        _ = try writer.fill()
        let signals = Interruptions(every: 1000)
        let clock = ContinuousClock()
        let start = clock.now
        #expect(try guest.puts("lost") == .resume)
        #expect(clock.now - start >= .milliseconds(30))
        try signals.stop()
        withExtendedLifetime(reader) {}
    }
}

/// Bytes that one thread collects and another looks at.
final class Received: @unchecked Sendable {
    private let lock = NSLock()
    private var bytes: [UInt8] = []

    func add(_ more: [UInt8]) { lock.withLock { bytes += more } }
    var count: Int { lock.withLock { bytes.count } }
    func last(_ count: Int) -> [UInt8] { lock.withLock { bytes.suffix(count) } }
}
