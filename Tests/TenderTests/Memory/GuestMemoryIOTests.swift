import Foundation
import Linux
import TestSupport
import Testing

@testable import Tender

/// Input and output straight between descriptors and guest memory.
struct GuestMemoryIOTests {
    static let size: UInt64 = 0x4000

    private func range(
        _ memory: GuestMemory, _ address: UInt64, _ count: UInt64
    ) throws -> GuestRange {
        try memory.range(at: GuestAddress(address), count: count, for: .write)
    }

    @Test func writesAndReads() throws {
        let (reader, writer) = try Descriptor.pipe()
        let memory = try GuestMemory(count: Self.size)
        try memory.place(Array("hello".utf8), at: 0x3FFB)
        #expect(try memory.write(range(memory, 0x3FFB, 5), to: writer.number) == 5)
        #expect(try memory.read(into: range(memory, 1, 100), from: reader.number) == 5)
        #expect(memory.bytes(in: try range(memory, 0, 7)) == [0] + Array("hello".utf8) + [0])
    }

    @Test func writesAndReadsAtOffsets() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(Array("0123456789".utf8), to: "file")
        let file = try Descriptor(opening: path, O_RDWR)
        let memory = try GuestMemory(count: Self.size)
        #expect(try memory.read(into: range(memory, 0, 4), from: file.number, at: 3) == 4)
        #expect(memory.bytes(in: try range(memory, 0, 5)) == Array("3456".utf8) + [0])
        #expect(try memory.read(into: range(memory, 0, 4), from: file.number, at: 8) == 2)
        #expect(try memory.read(into: range(memory, 0, 4), from: file.number, at: 10) == 0)
        try memory.place(Array("ab".utf8), at: 0x100)
        #expect(try memory.write(range(memory, 0x100, 2), to: file.number, at: 5) == 2)
        #expect(try directory.read("file") == Array("01234ab789".utf8))
    }

    @Test func sendsWithoutWaiting() throws {
        let (reader, writer) = try Descriptor.socketPair(SOCK_STREAM)
        let memory = try GuestMemory(count: Self.size)
        try memory.place(Array("hello".utf8), at: 0)
        #expect(try memory.send(range(memory, 0, 5), to: writer.number) == 5)
        #expect(try reader.read(upTo: 100) == Array("hello".utf8))
        _ = try writer.fill()
        #expect(throws: Errno(EAGAIN)) { try memory.send(range(memory, 0, 5), to: writer.number) }
    }

    /// The signal that comes with EPIPE would end the process.
    @Test func sendsToNobody() throws {
        let memory = try GuestMemory(count: Self.size)
        var pair: (Descriptor?, Descriptor) = try Descriptor.socketPair(SOCK_STREAM)
        pair.0 = nil
        #expect(throws: Errno(EPIPE)) { try memory.send(range(memory, 0, 5), to: pair.1.number) }
    }

    @Test func failuresAreTheKernels() throws {
        let memory = try GuestMemory(count: Self.size)
        let byte = try range(memory, 0, 1)
        #expect(throws: Errno(EBADF)) { try memory.write(byte, to: -1) }
        #expect(throws: Errno(EBADF)) { try memory.read(into: byte, from: -1) }
        #expect(throws: Errno(EBADF)) { try memory.write(byte, to: -1, at: 0) }
        #expect(throws: Errno(EBADF)) { try memory.read(into: byte, from: -1, at: 0) }
        #expect(throws: Errno(EBADF)) { try memory.send(byte, to: -1) }
    }

    /// Signals that arrive before anything happened are no failure.
    @Test func signalsDoNotInterrupt() throws {
        let (reader, writer) = try Descriptor.pipe()
        let memory = try GuestMemory(count: Self.size)
        let signals = Interruptions(every: 1000)
        let sender = Background {
            while signals.count < 20 { usleep(1000) }
            try writer.write([42])
        }
        #expect(try memory.read(into: range(memory, 0, 1), from: reader.number) == 1)
        try signals.stop()
        try sender.join()
    }

    /// What the host protects fails and does not crash.
    @Test func protectedMemoryFails() throws {
        let (reader, writer) = try Descriptor.pipe()
        let memory = try GuestMemory(count: Self.size)
        let page = try range(memory, 0x1000, 0x1000)
        try memory.protect(0x1000, 0x2000, isReadable: true, isWritable: false)
        try writer.write([42])
        #expect(throws: Errno(EFAULT)) { try memory.read(into: page, from: reader.number) }
        #expect(try memory.write(page, to: writer.number) == 0x1000)
    }
}
