import CLinux
import Foundation
import TestSupport
import Testing

@testable import Linux

@Suite struct FileDescriptorTests {
    @Test func readsUpToTheEndOfTheFile() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("file")
        try Data("0123456789".utf8).write(to: URL(fileURLWithPath: path))
        let file = try FileDescriptor.open(path, O_RDONLY)

        #expect(try file.read(at: 0, count: 4) == Array("0123".utf8))
        #expect(try file.read(at: 8, count: 4) == Array("89".utf8))
        #expect(try file.read(at: 10, count: 4) == [])
        #expect(try file.read(at: 1 << 40, count: 4) == [])
        #expect(try file.read(at: 0, count: 0) == [])
    }

    @Test(arguments: [UInt64(1) << 63, .max, UInt64(Int.max) - 3])
    func refusesOffsetsThatFilesDoNotHave(offset: UInt64) throws {
        let file = try FileDescriptor.open("/proc/self/exe", O_RDONLY)
        do {
            _ = try file.read(at: offset, count: 4096)
            Issue.record("a read at \(offset) succeeded")
        } catch {
            #expect(error == Errno(EOVERFLOW))
        }
    }

    @Test func tellsWhyAFileCannotBeOpened() throws {
        do {
            _ = try FileDescriptor.open("/nonexistent/file", O_RDONLY)
            Issue.record("it was opened")
        } catch {
            #expect(error.code == ENOENT)
            #expect(error.description == "No such file or directory")
        }
    }

    @Test func isClosedOnExecAndAtTheEnd() throws {
        var number: Int32 = -1
        do {
            let file = try FileDescriptor.open("/proc/self/exe", O_RDONLY)
            number = file.number
            #expect(linux_fcntl(number, F_GETFD, 0) == FD_CLOEXEC)
        }
        #expect(linux_fcntl(number, F_GETFD, 0) == -1)
    }

    /// A tender that is started with a standard stream closed must not take a file for it.
    @Test func neverIsAStandardStream() throws {
        let saved = dup(0)
        try #require(saved > 2)
        close(0)
        defer {
            dup2(saved, 0)
            close(saved)
        }
        let file = try FileDescriptor.open("/proc/self/exe", O_RDONLY)
        #expect(file.number > 2)
        #expect(linux_fcntl(0, F_GETFD, 0) == -1)
    }
}
