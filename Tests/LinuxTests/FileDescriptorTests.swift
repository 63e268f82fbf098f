import Foundation
import Linux
import TestSupport
import Testing

/// Descriptors that close themselves.
struct FileDescriptorTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func error<Value: ~Copyable>(_ body: () throws(Errno) -> Value) -> Errno? {
        do throws(Errno) {
            _ = try body()
            return nil
        } catch {
            return error
        }
    }

    @Test func opensCloseOnExec() throws {
        let file = try FileDescriptor.open(directory.write([1], to: "file"), O_RDONLY)
        let flags = fcntl(file.number, F_GETFD)
        #expect(file.number > 2)
        #expect(flags == FD_CLOEXEC)
    }

    @Test func failsToOpen() {
        #expect(
            error { () throws(Errno) in try FileDescriptor.open("/nothing", O_RDONLY) }
                == Errno(ENOENT))
        let path = directory.path
        #expect(
            error { () throws(Errno) in try FileDescriptor.open(path, O_WRONLY) }
                == Errno(EISDIR))
        #expect(error { () throws(Errno) in try FileDescriptor.duplicate(-1) } == Errno(EBADF))
    }

    @Test func closesAtTheEnd() throws {
        var pipe: (reader: Descriptor, writer: Descriptor?) = try Descriptor.pipe()
        try pipe.reader.setBlocking(false)
        do {
            let copy = try FileDescriptor.duplicate(try #require(pipe.writer).number)
            pipe.writer = nil
            _ = try attempt { write(copy.number, "x", 1) }
            #expect(try pipe.reader.read(upTo: 10) == [UInt8(ascii: "x")])
        }
        // With a writer left this would fail, and not be the end.
        var byte: UInt8 = 0
        #expect(read(pipe.reader.number, &byte, 1) == 0)
    }
}
