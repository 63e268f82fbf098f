#if Uhyve
    import Foundation
    import Linux
    import TestSupport
    import Testing

    @testable import Tender
    @testable import Uhyve

    /// Standard input as vCPUs read it, whatever it is.
    @Suite struct InputTests {
        private let memory: GuestMemory
        private let wait = InputWait()

        init() throws {
            memory = try GuestMemory(count: 8192)
        }

        private func read(_ input: StandardInput, upTo count: UInt64 = 100) throws -> [UInt8] {
            let range = try memory.range(at: GuestAddress(0), count: count, for: .write)
            let count = try input.read(into: range, of: memory, wait)
            return memory.bytes(in: range.prefix(count))
        }

        @Test("Pipes and sockets, blocking and not", arguments: [false, true], [false, true])
        func waits(isSocket: Bool, blocks: Bool) throws {
            let (reader, writer) =
                isSocket ? try Descriptor.socketPair(SOCK_STREAM) : try Descriptor.pipe()
            try reader.setBlocking(blocks)
            let input = StandardInput(reader.number)
            let late = Background {
                usleep(20_000)
                return try writer.write(Array("hello".utf8))
            }
            #expect(try read(input) == Array("hello".utf8))
            _ = try late.join()
            #expect(!input.isReady)
            #expect(try read(input, upTo: 0) == [])
        }

        @Test func theEnd() throws {
            var pipe: (reader: Descriptor, writer: Descriptor?) = try Descriptor.pipe()
            try pipe.reader.setBlocking(false)
            let input = StandardInput(pipe.reader.number)
            try pipe.writer?.write([1])
            pipe.writer = nil
            #expect(try read(input) == [1])
            #expect(try read(input) == [])
        }

        @Test func whatIsNotForReading() throws {
            let (reader, writer) = try Descriptor.pipe()
            #expect(throws: Errno(EBADF)) { try read(StandardInput(writer.number)) }
            #expect(throws: Errno(EBADF)) { try read(StandardInput(-1)) }
            withExtendedLifetime(reader) {}
        }

        @Test func regularFile() throws {
            let directory = try TemporaryDirectory()
            let file = try Descriptor(
                opening: directory.write(Array("text".utf8), to: "file"), O_RDONLY)
            let input = StandardInput(file.number)
            #expect(try read(input) == Array("text".utf8) && read(input) == [])
        }

        @Test func anInterruptionGoesOnOrEndsIt() throws {
            let (reader, writer) = try Descriptor.pipe()
            let input = StandardInput(reader.number)
            var count = 0
            wait.goesOn = { [wait] in
                count += 1
                // It comes before the next wait, too.
                wait.wait.interrupt()
                return count < 3
            }
            wait.wait.interrupt()
            #expect(throws: Errno(EINTR)) { try read(input) }
            #expect(count == 3)
            wait.goesOn = { true }
            try writer.write([7])
            #expect(try read(input) == [7])
        }

        /// One line, and two that want it.
        @Test(arguments: [false, true]) func anotherThreadIsFaster(blocks: Bool) throws {
            let (reader, writer) = try Descriptor.pipe()
            try reader.setBlocking(blocks)
            let input = StandardInput(reader.number)
            let memory = memory
            let readers = (0..<2).map { index in
                Background {
                    let range = try memory.range(
                        at: GuestAddress(UInt64(index) * 4096), count: 100, for: .write)
                    return try input.read(into: range, of: memory, InputWait())
                }
            }
            try writer.write([1, 2, 3])
            try eventually("the first read") { !input.isReady }
            try writer.write([4])
            var counts: [Int] = []
            for reader in readers { counts.append(try reader.join()) }
            #expect(counts.reduce(0, +) == 4 && !counts.contains(0))
        }
    }
#endif
