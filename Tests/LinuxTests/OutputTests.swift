import Foundation
import Linux
import TestSupport
import Testing

/// Text for standard streams, error numbers and random numbers.
struct OutputTests {
    @Test(arguments: ["", "one line\n", "Grüße, 世界\n"])
    func writes(_ text: String) throws {
        let (reader, writer) = try Descriptor.pipe()
        try reader.setBlocking(false)
        #expect(Output.write(text, to: writer.number))
        #expect(try reader.readAll() == Array(text.utf8))
    }

    /// More than a pipe holds, while signals arrive.
    @Test func writesAll() throws {
        let (reader, writer) = try Descriptor.pipe()
        let text = String(repeating: "0123456789abcdef", count: 1 << 16)
        let signals = Interruptions(every: 1000)
        let slow = Background {
            var received: [UInt8] = []
            while received.count < text.utf8.count {
                received += try reader.read(upTo: 10_000)
                if received.count % 7 == 0 { usleep(1000) }
            }
            return received == Array(text.utf8)
        }
        #expect(Output.write(text, to: writer.number))
        try signals.stop()
        let isWhole = try slow.join()
        #expect(isWhole)
    }

    @Test func tellsThatNobodyIsThere() throws {
        signal(SIGPIPE, SIG_IGN)
        var pipe: (reader: Descriptor?, writer: Descriptor) = try Descriptor.pipe()
        pipe.reader = nil
        #expect(!Output.write("x", to: pipe.writer.number))
        #expect(!Output.write("x", to: -1))
        let full = try Descriptor(opening: "/dev/full", O_WRONLY)
        #expect(!Output.write("x", to: full.number))
    }

    @Test func errorsAreTheLibrarysSentences() {
        #expect(Errno(EAGAIN).description == "Resource temporarily unavailable")
        #expect(Errno(-1).description == "Unknown error -1")
        #expect(Errno(1) != Errno(2))
    }

    @Test func currentErrorIsTheThreads() {
        _ = close(-1)
        #expect(Errno.current == Errno(EBADF))
    }

    @Test func randomWordsDiffer() throws {
        let words = try (0..<8).map { _ in try Random.word() }
        #expect(Set(words).count == 8)
    }
}
