import Foundation
import TestSupport
import Testing

@testable import Puts

/// Consoles that take nothing: the guest never learns.
struct BrokenConsoleTests {
    /// Numbers that no descriptor has.
    @Test(arguments: [-1, 1_000_000_000, .max] as [Int32])
    func closedDescriptor(_ number: Int32) throws {
        let guest = try Guest(consoleNumber: number)
        #expect(try guest.puts("hello") == .resume)
        #expect(try guest.puts("hello") == .resume)
    }

    @Test func pipeWithoutReader() throws {
        var pipe: (reader: Descriptor?, writer: Descriptor) = try Descriptor.pipe()
        let guest = try Guest(console: pipe.writer)
        #expect(try guest.puts("hello") == .resume)
        pipe.reader = nil
        #expect(try guest.puts("hello") == .resume)
        #expect(try guest.puts(pattern(1 << 20)) == .resume)
        // The reader has had enough, which is no news to the operator.
        #expect(guest.loss.count == 5 + (1 << 20) && guest.loss.line == nil)
    }

    @Test func socketWithoutReader() throws {
        for type in [SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM] {
            var pair: (Descriptor?, Descriptor) = try Descriptor.socketPair(type)
            let guest = try Guest(console: pair.1)
            pair.0 = nil
            #expect(try guest.puts("hello") == .resume)
            #expect(try guest.puts("hello") == .resume)
        }
    }

    @Test func socketThatIsNotConnected() throws {
        let number = try attempt { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) }
        let guest = try Guest(console: Descriptor(owning: number))
        #expect(try guest.puts("hello") == .resume)
    }

    @Test func fullDevice() throws {
        let guest = try Guest(console: Descriptor(opening: "/dev/full", O_WRONLY))
        #expect(try guest.puts("hello") == .resume)
        #expect(try guest.puts("hello") == .resume)
    }

    @Test func fileThatIsNotOpenForWriting() throws {
        let directory = try TemporaryDirectory()
        let file = try Descriptor(opening: directory.write([], to: "log"), O_RDONLY)
        let guest = try Guest(console: file)
        #expect(try guest.puts("hello") == .resume)
        #expect(try directory.read("log") == [])
    }

    /// A FIFO has a name, by which another reader can come.
    @Test func isTriedAgainIfItHasAName() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.makeFIFO("console")
        var reader: Descriptor? = try Descriptor(opening: path, O_RDONLY | O_NONBLOCK)
        let writer = try Descriptor(opening: path, O_WRONLY)
        let guest = try Guest(console: writer)
        reader = nil
        try guest.puts("nobody is there")
        reader = try Descriptor(opening: path, O_RDONLY | O_NONBLOCK)
        try guest.puts("somebody is there")
        #expect(try reader?.read(upTo: 100) == Array("somebody is there".utf8))
        #expect(guest.loss.count == 15)
        #expect(guest.loss.line == "15 bytes of the guest's output were lost: there was no reader")
    }
}
