import Foundation
import Linux
import TestSupport
import Testing

/// Files that back disks.
struct BlockFileTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = try directory.write([UInt8](repeating: 0, count: 1000), to: "disk")
    }

    /// Whether another opening of the file can be locked now.
    private func canLock(_ flags: Int32 = O_RDWR, exclusively: Bool) throws -> Bool {
        let other = try FileDescriptor.open(path, flags)
        do throws(Errno) {
            try other.lock(exclusively: exclusively)
            return true
        } catch {
            #expect(error.code == EAGAIN || error.code == EACCES)
            return false
        }
    }

    @Test(arguments: [0, 1, 1000, 1 << 40])
    func tellsCapacity(_ size: Int) throws {
        try directory.truncate("disk", to: size)
        let file = try FileDescriptor.open(path, O_RDONLY)
        let capacity = try file.capacity()
        #expect(capacity == UInt64(size))
    }

    @Test func pipesHaveNoCapacity() throws {
        let (reader, _) = try Descriptor.pipe()
        let pipe = try FileDescriptor.duplicate(reader.number)
        var found: Errno?
        do throws(Errno) { _ = try pipe.capacity() } catch { found = error }
        #expect(found == Errno(ESPIPE))
    }

    @Test func exclusiveLockIsAlone() throws {
        do {
            let file = try FileDescriptor.open(path, O_RDWR)
            try file.lock(exclusively: true)
            #expect(try !canLock(exclusively: true))
            #expect(try !canLock(exclusively: false))
            // Above all, opening and closing the file elsewhere does not end the lock.
            #expect(try !canLock(exclusively: false))
        }
        #expect(try canLock(exclusively: true))
    }

    @Test func sharedLocksAreTogether() throws {
        let file = try FileDescriptor.open(path, O_RDONLY)
        try file.lock(exclusively: false)
        #expect(try canLock(O_RDONLY, exclusively: false))
        #expect(try !canLock(exclusively: true))
    }

    @Test func lockReachesBeyondTheEnd() throws {
        let file = try FileDescriptor.open(path, O_RDWR)
        try file.lock(exclusively: true)
        try directory.truncate("disk", to: 1 << 40)
        #expect(try !canLock(exclusively: false))
    }

    @Test func exclusiveLockNeedsWriting() throws {
        let file = try FileDescriptor.open(path, O_RDONLY)
        var found: Errno?
        do throws(Errno) { try file.lock(exclusively: true) } catch { found = error }
        #expect(found == Errno(EBADF))
    }
}
