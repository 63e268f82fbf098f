import Foundation
import TestSupport
import Testing

@testable import Puts

/// What can be a console.
struct ConsoleTests {
    @Test func regularFile() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(Array("before ".utf8), to: "log")
        let file = try Descriptor(opening: path, O_WRONLY | O_APPEND)
        let guest = try Guest(console: file)
        try guest.puts("one ")
        try file.write(Array("other ".utf8))
        try guest.puts("two")
        #expect(try directory.read("log") == Array("before one other two".utf8))
    }

    /// The position is that of whoever shares the opening.
    @Test func regularFileWithPosition() throws {
        let directory = try TemporaryDirectory()
        let file = try Descriptor(opening: directory.path("log"), O_WRONLY | O_CREAT)
        try file.write(Array("before ".utf8))
        let guest = try Guest(console: file)
        try guest.puts("one ")
        try file.write(Array("other".utf8))
        #expect(try directory.read("log") == Array("before one other".utf8))
    }

    @Test func pipe() throws {
        let (reader, writer) = try Descriptor.pipe()
        let guest = try Guest(console: writer)
        #expect(try guest.puts("one ") == .resume)
        #expect(try guest.puts("two") == .resume)
        #expect(try reader.read(upTo: 100) == Array("one two".utf8))
    }

    @Test func namedPipe() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.makeFIFO("console")
        let reader = try Descriptor(opening: path, O_RDONLY | O_NONBLOCK)
        let writer = try Descriptor(opening: path, O_WRONLY)
        let guest = try Guest(console: writer)
        try guest.puts("hello")
        #expect(try reader.read(upTo: 100) == Array("hello".utf8))
    }

    @Test(arguments: [SOCK_STREAM.rawValue, SOCK_SEQPACKET.rawValue, SOCK_DGRAM.rawValue])
    func socket(_ type: UInt32) throws {
        let (reader, writer) = try Descriptor.socketPair(__socket_type(rawValue: type))
        let guest = try Guest(console: writer)
        try guest.puts("hello")
        #expect(try reader.read(upTo: 100) == Array("hello".utf8))
    }

    @Test func terminal() throws {
        let (screen, line) = try Descriptor.terminal()
        let guest = try Guest(console: line)
        try guest.puts("hello")
        #expect(try screen.read(upTo: 100) == Array("hello".utf8))
    }

    @Test(arguments: ["/dev/null", "/dev/zero"])
    func device(_ path: String) throws {
        let guest = try Guest(console: Descriptor(opening: path, O_WRONLY))
        #expect(try guest.puts(pattern(100_000)) == .resume)
    }

    /// One that can't be opened again, and so is asked for room before each write. It adds up
    /// words of 8 bytes, one a write.
    @Test func eventDescriptor() throws {
        let event = try Descriptor.event()
        let guest = try Guest(console: event)
        try event.setBlocking(false)
        for word: UInt64 in 1...1000 { try guest.puts(littleEndian(word)) }
        #expect(try event.read(upTo: 8) == littleEndian(500_500 as UInt64))
    }

    // MARK: Neighbours

    /// The opening is shared with whoever started the tender, often a shell.
    @Test(arguments: [true, false])
    func flagsStayAsTheyAre(_ blocks: Bool) throws {
        let (pipeReader, pipe) = try Descriptor.pipe()
        let (socketReader, socket) = try Descriptor.socketPair(SOCK_STREAM)
        for console in [pipe, socket] {
            try console.setBlocking(blocks)
            let flags = try console.statusFlags()
            let guest = try Guest(console: console)
            try guest.puts("hello")
            #expect(try console.statusFlags() == flags)
        }
        #expect(try pipeReader.read(upTo: 100) == socketReader.read(upTo: 100))
    }

    @Test func keepsADescriptorOfItsOwn() throws {
        let directory = try TemporaryDirectory()
        let (pipeReader, pipe) = try Descriptor.pipe()
        let (socketReader, socket) = try Descriptor.socketPair(SOCK_STREAM)
        let file = try Descriptor(opening: directory.path("log"), O_WRONLY | O_CREAT)
        for (console, result) in [
            (pipe, { try pipeReader.read(upTo: 100) }),
            (socket, { try socketReader.read(upTo: 100) }),
            (file, { try directory.read("log") }),
        ] {
            let copy = try console.duplicate()
            let guest = try Guest(console: copy)
            // From now on the number stands for something else.
            let null = try Descriptor(opening: "/dev/null", O_WRONLY)
            try attempt { dup2(null.number, copy.number) }
            try guest.puts("hello")
            #expect(try result() == Array("hello".utf8))
        }
    }
}
