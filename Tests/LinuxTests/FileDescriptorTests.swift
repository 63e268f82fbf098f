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

    /// Where a guest's output shall go, somebody else may have put a link.
    @Test("attack 24: a file to be made that is there already")
    func createsNewFilesOnly() throws {
        let file = try directory.write([1, 2], to: "file")
        let (link, dangling) = (directory.path("link"), directory.path("dangling"))
        try attempt { symlink(file, link) }
        try attempt { symlink(directory.path("new"), dangling) }
        for path in [file, link, dangling, directory.path] {
            #expect(
                error { () throws(Errno) in try FileDescriptor.create(path) } == Errno(EEXIST))
        }
        #expect(try directory.read("file") == [1, 2])
        #expect(access(directory.path("new"), F_OK) == -1)
        _ = try FileDescriptor.create(directory.path("other"))
        #expect(access(directory.path("other"), F_OK) == 0)
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

    /// A tender that is started with a standard stream closed must not take a file for it.
    @Test(arguments: [0, 1, 2] as [Int32])
    func isNoStandardStream(_ stream: Int32) throws {
        let (number, flags, streamFlags) = try Background {
            try unshareDescriptors()
            close(stream)
            let file = try FileDescriptor.open("/dev/null", O_RDONLY)
            let number = file.number
            return (number, fcntl(number, F_GETFD), fcntl(stream, F_GETFD))
        }.join()
        #expect(number > 2)
        #expect(flags == FD_CLOEXEC)
        // Still closed.
        #expect(streamFlags == -1)
    }

    @Test func duplicatesCloseOnExec() throws {
        let (_, writer) = try Descriptor.pipe()
        let copy = try FileDescriptor.duplicate(writer.number)
        let flags = fcntl(copy.number, F_GETFD)
        #expect(copy.number > 2 && copy.number != writer.number)
        #expect(flags == FD_CLOEXEC)
    }

    // MARK: Reading

    @Test(
        arguments: [
            (0, 10, "0123456789"), (3, 4, "3456"), (8, 100, "89"), (10, 1, ""), (1000, 5, ""),
            (UInt64(Int64.max) - 5, 5, ""), (4, 0, ""),
        ] as [(UInt64, Int, String)])
    func reads(_ offset: UInt64, count: Int, text: String) throws {
        let path = try directory.write(Array("0123456789".utf8), to: "file")
        let file = try FileDescriptor.open(path, O_RDONLY)
        let found = try file.read(at: offset, count: count)
        #expect(found == Array(text.utf8))
    }

    @Test(
        arguments: [(1 << 63, 1), (.max, 0), (UInt64(Int64.max), 1), (1, .max)]
            as [(UInt64, Int)])
    func readsWithinOffsets(_ offset: UInt64, count: Int) throws {
        let file = try FileDescriptor.open(directory.write([1], to: "file"), O_RDONLY)
        var found: Errno?
        do throws(Errno) { _ = try file.read(at: offset, count: count) } catch { found = error }
        #expect(found == Errno(EOVERFLOW))
    }

    @Test func failsToRead() throws {
        let folder = try FileDescriptor.open(directory.path, O_RDONLY)
        var found: Errno?
        do throws(Errno) { _ = try folder.read(at: 0, count: 1) } catch { found = error }
        #expect(found == Errno(EISDIR))
        let (reader, _) = try Descriptor.pipe()
        let pipe = try FileDescriptor.duplicate(reader.number)
        do throws(Errno) { _ = try pipe.read(at: 0, count: 1) } catch { found = error }
        #expect(found == Errno(ESPIPE))
    }

    // MARK: Status

    @Test func knowsKinds() throws {
        let file = try Descriptor(opening: directory.write([1, 2, 3], to: "file"), O_RDONLY)
        let status = try FileStatus(of: file.number)
        #expect(status.kind == .regular && status.size == 3)
        let (socket, _) = try Descriptor.socketPair(SOCK_STREAM)
        #expect(try FileStatus(of: socket.number).kind == .socket)
        let (pipe, _) = try Descriptor.pipe()
        let null = try Descriptor(opening: "/dev/null", O_RDWR)
        let folder = try Descriptor(opening: directory.path, O_RDONLY)
        for other in [pipe, null, folder] {
            let status = try FileStatus(of: other.number)
            #expect(status.kind == .other && status.size == 0)
        }
        #expect(throws: Errno(EBADF)) { try FileStatus(of: -1) }
    }

    @Test func whatCanBeCreated() throws {
        func failure(_ path: String) -> Errno? {
            do throws(Errno) {
                try checkCreatable(path)
                return nil
            } catch {
                return error
            }
        }
        let file = try directory.write([], to: "file")
        try attempt { symlink(directory.path("nothing"), directory.path("link")) }
        #expect(failure(directory.path("new")) == nil)
        #expect(failure(file) == Errno(EEXIST))
        #expect(failure(directory.path("link")) == Errno(EEXIST))
        #expect(failure(directory.path("none/new")) == Errno(ENOENT))
        #expect(failure("\(file)/new") == Errno(ENOTDIR))
        #expect(failure("") == Errno(ENOENT))
        #expect(access(directory.path("new"), F_OK) == -1)
    }
}
