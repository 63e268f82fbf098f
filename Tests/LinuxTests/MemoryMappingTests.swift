import Foundation
import Linux
import TestSupport
import Testing

/// Memory that the kernel mapped.
struct MemoryMappingTests {
    private func error(_ body: () throws(Errno) -> Void) -> Errno? {
        do throws(Errno) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    @Test func anonymousIsZeros() throws {
        let mapping = try MemoryMapping.anonymous(3 << 20)
        let count = mapping.count
        #expect(count == 3 << 20)
        let isZero = UnsafeRawBufferPointer(start: mapping.base, count: count)
            .allSatisfy { $0 == 0 }
        #expect(isZero)
        mapping.base.storeBytes(of: 7, toByteOffset: count - 1, as: UInt8.self)
    }

    @Test(arguments: [1, 4096, 2 << 20, (2 << 20) + 1])
    func anonymousBeginsWhereAHugePageCould(_ count: Int) throws {
        let mapping = try MemoryMapping.anonymous(count)
        let offset = Int(bitPattern: mapping.base) % MemoryMapping.hugePageSize
        #expect(offset == 0)
        // All of it is there.
        mapping.base.storeBytes(of: 7, toByteOffset: count - 1, as: UInt8.self)
    }

    /// It takes up room only as it is touched, so more can be had than there is.
    @Test func anonymousIsLazy() throws {
        let mapping = try MemoryMapping.anonymous(1 << 40)
        mapping.base.storeBytes(of: 7, toByteOffset: 1 << 39, as: UInt8.self)
        let found = mapping.base.load(fromByteOffset: 1 << 39, as: UInt8.self)
        #expect(found == 7)
    }

    @Test func sharedIsShared() throws {
        let directory = try TemporaryDirectory()
        try directory.write([UInt8](repeating: 1, count: 4096), to: "file")
        let file = try Descriptor(opening: directory.path("file"), O_RDWR)
        let mapping = try MemoryMapping.shared(4096, with: file.number)
        mapping.base.storeBytes(of: 7, toByteOffset: 5, as: UInt8.self)
        let found = try directory.read("file")
        #expect(Array(found[4...6]) == [1, 7, 1])
    }

    @Test func refuses() {
        #expect(error { () throws(Errno) in _ = try MemoryMapping.anonymous(0) } == Errno(EINVAL))
        #expect(
            error { () throws(Errno) in _ = try MemoryMapping.anonymous(.max) } == Errno(ENOMEM))
        #expect(
            error { () throws(Errno) in _ = try MemoryMapping.shared(4096, with: -1) }
                == Errno(EBADF))
    }

    @Test func protects() throws {
        let mapping = try MemoryMapping.anonymous(0x4000)
        try mapping.protect(offset: 0x1000, count: 0x1000, readable: true, writable: false)
        try mapping.protect(offset: 0x2000, count: 0x1000, readable: false, writable: false)
        let (reader, writer) = try Descriptor.pipe()
        // The kernel finds out for us, without a crash.
        for (page, readable, writable) in [
            (0, true, true), (1, true, false), (2, false, false), (3, true, true),
        ] {
            let address = mapping.base + page * 0x1000
            let written = write(writer.number, address, 1)
            #expect((written == 1) == readable)
            try writer.write([7])
            let count = read(reader.number, address, 1)
            #expect((count == 1) == writable)
            try reader.setBlocking(false)
            _ = try reader.readAll()
            try reader.setBlocking(true)
        }
        let misaligned = error { () throws(Errno) in
            try mapping.protect(offset: 1, count: 0x1000, readable: true, writable: true)
        }
        #expect(misaligned == Errno(EINVAL))
    }
}
