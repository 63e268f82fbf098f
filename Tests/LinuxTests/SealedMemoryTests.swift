import CLinux
import Foundation
import Linux
import TestSupport
import Testing

/// Memory that a filter can rely on.
@Suite("Sealed memory") struct SealedMemoryTests {
    /// What the kernel says of the mapping at an address: "r--p".
    private func protection(at address: UInt64) throws -> Substring? {
        let maps = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8)
        for line in maps.split(separator: "\n") {
            let words = line.split(separator: " ")
            let ends = words[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
            if ends.count == 2, (ends[0]..<ends[1]).contains(address) { return words[1] }
        }
        return nil
    }

    @Test func itCanOnlyBeRead() throws {
        let memory = try SealedMemory([1, 2, 3])
        #expect(try protection(at: memory.address) == "r--p")
        #expect(memory.address % 4096 == 0)
        // The kernel refuses to write there as well.
        let zeros = try FileDescriptor.open("/dev/zero", O_RDONLY)
        let result = read(zeros.number, UnsafeMutableRawPointer(bitPattern: UInt(memory.address)), 8)
        #expect(result == -1 && errno == EFAULT)
        withExtendedLifetime(memory) {}
    }

    @Test func directoriesGoByTheSealedName() throws {
        let place = try TemporaryDirectory()
        try place.makeDirectory("one")
        try place.makeDirectory("one/inner")
        let directory = try FileDescriptor.open(place.path, O_RDONLY | O_DIRECTORY)
        let name = try SealedName(Array("a sealed name of more than eight bytes".utf8))
        #expect(throws: Errno(ENOENT)) { try directory.removeDirectory(name) }
        try directory.rename(Array("one".utf8), to: name)
        #expect(throws: Errno(ENOTEMPTY)) { try directory.removeDirectory(name) }
        #expect(rmdir(place.path(String(decoding: name.bytes, as: UTF8.self)) + "/inner") == 0)
        try directory.removeDirectory(name)
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path) == [])
    }

    @Test func theTableOpensForReading() throws {
        let table = try ReadingTable.use()
        #expect(try ReadingTable.use() === table)
        #expect(try protection(at: table.address) == "r--p")
        #expect(table.address & ReadingTable.freeBits == 0)
        // Every slot that a masked comparison lets through is one that reads beneath a directory.
        for slot in 0..<32 {
            let words = (0..<4).map { word in
                UnsafePointer<UInt64>(
                    bitPattern: UInt(table.address) + UInt(slot * 32 + word * 8))?.pointee ?? 0
            }
            let flags = Int32(truncatingIfNeeded: words[0])
            #expect(flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC) == 0)
            #expect(words[1] == 0 && words[3] == 0)
            #expect(words[2] & UInt64(RESOLVE_BENEATH) != 0)
        }
    }
}
