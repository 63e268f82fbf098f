import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// What is on a disk after a guest, or two, have used it.
@Suite("Disks", .boots) struct BlockTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test("A guest's pattern is in the file, and nothing else", arguments: Flavour.built)
    func pattern(flavour: Flavour) throws {
        let size = 1 << 20
        let disk = try makeDisk(size: size)
        let outcome = try flavour.run("block", options: ["--block:storage=\(disk)"])
        #expect(outcome.status == 0, "\(outcome)")

        let words = try self.words(of: disk)
        let written = 8 * 512
        for offset in stride(from: 0, to: size, by: 8) {
            let isWritten = offset < written || offset >= size - written
            let expected = isWritten ? pattern(at: offset) : 0
            guard words[offset / 8] == expected else {
                Issue.record("at \(offset): \(words[offset / 8]), not \(expected)")
                return
            }
        }
    }

    @Test("A sparse file stays sparse", arguments: Flavour.built)
    func sparse(flavour: Flavour) throws {
        let disk = try makeDisk(size: 8 << 30)
        let outcome = try flavour.run("block", options: ["--block:storage=\(disk)"])
        #expect(outcome.status == 0, "\(outcome)")
        var status = stat()
        try attempt { stat(disk, &status) }
        #expect(status.st_size == 8 << 30)
        #expect(status.st_blocks * 512 < 1 << 20)
    }

    @Test("Two disks are kept apart", arguments: Flavour.built)
    func two(flavour: Flavour) throws {
        let one = try makeDisk("one", size: 4096)
        let two = try makeDisk("two", size: 8192)
        let outcome = try flavour.run(
            "block-two", options: ["--block:two=\(two)", "--block:one=\(one)"])
        #expect(outcome.status == 0, "\(outcome)")
        for (name, size) in [("one", 4096), ("two", 8192)] {
            let bytes = try directory.read(name)
            #expect(bytes.count == size)
            #expect(text(bytes[..<512]) == "first of \(name)")
            #expect(text(bytes[(size - 512)...]) == "last of \(name)")
        }
    }

    @Test("attack 07: a disk for reading only is not changed", arguments: Flavour.built)
    func readOnly(flavour: Flavour) throws {
        let content = (0..<4096).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let disk = try directory.write(content, to: "disk")
        // Not even if the file could be written to by nobody.
        chmod(disk, 0o400)
        let outcome = try flavour.run("block-readonly", options: ["--block-ro:storage=\(disk)"])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try directory.read("disk") == content)
    }

    @Test("A disk in use is locked for others", arguments: Flavour.built)
    func locks(flavour: Flavour) throws {
        let disk = try makeDisk(size: 1 << 20)
        let busy = ["read", "count=1000000000000"]

        let writer = try flavour.start(
            "bench-block", busy, options: ["--block:storage=\(disk)"])
        try writer.waitForVCPU()
        for option in ["--block", "--block-ro"] {
            let second = try flavour.run(
                "block-readonly", options: ["\(option):storage=\(disk)"])
            #expect(second.status == 1 && second.output.isEmpty)
            #expect(second.error.contains("is in use by another process"), "\(second)")
        }
        try writer.send(signal: SIGTERM)
        #expect(try writer.wait().status == 1)

        let reader = try flavour.start(
            "bench-block", busy, options: ["--block-ro:storage=\(disk)"])
        try reader.waitForVCPU()
        let second = try flavour.run("block-readonly", options: ["--block-ro:storage=\(disk)"])
        #expect(second.status == 0, "\(second)")
        let third = try flavour.run("block", options: ["--block:storage=\(disk)"])
        #expect(third.error.contains("is in use by another process"), "\(third)")
    }

    @Test("Writes wait for the device if they are to", arguments: Flavour.built)
    func durable(flavour: Flavour) throws {
        let disk = try makeDisk(size: 1 << 20)
        let outcome = try flavour.run("block", options: ["--block-sync:storage=\(disk)"])
        #expect(outcome.status == 0, "\(outcome)")
        for (option, expected) in [("block", false), ("block-sync", true)] {
            let child = try flavour.start(
                "bench-block", ["read", "count=1000000000000"],
                options: ["--\(option):storage=\(disk)"])
            try child.waitForVCPU()
            let number = try #require(child.descriptors.first { $0.value == disk }?.key)
            let text = try String(
                contentsOfFile: "/proc/\(child.id)/fdinfo/\(number)", encoding: .utf8)
            let flags = try #require(text.firstMatch(of: /flags:\s*([0-7]+)/)?.1)
            #expect((Int32(flags, radix: 8) ?? 0) & O_DSYNC == (expected ? O_DSYNC : 0))
            try child.send(signal: SIGKILL)
            _ = try child.wait()
        }
    }

    @Test("What was acknowledged before SIGTERM is in the file", arguments: Flavour.built)
    func interrupted(flavour: Flavour) throws {
        let size = 1 << 20
        let disk = try makeDisk(size: size)
        // Has room for what the guest prints up to its fourth transfer, so that three are done and
        // the guest stands still at what it prints then.
        let room =
            """
            storage handle=1 capacity=1048576 block_size=512
            transfer offset=0 size=512
            transfer offset=1048064 size=512
            transfer offset=1044480 size=4096
            transfer offset=0 size=4096

            """.utf8.count
        let (reader, writer) = try Descriptor.pipe()
        // F_SETPIPE_SZ, which C headers show to few.
        let capacity = try attempt { fcntl(writer.number, 1031, 4096) }
        try writer.write([UInt8](repeating: 0, count: Int(capacity) - room))

        let child = try flavour.start(
            "block", options: ["--block:storage=\(disk)"], out: .descriptor(writer.number))
        try eventually("a full pipe") {
            var unread: Int32 = 0
            try attempt { ioctl(reader.number, UInt(FIONREAD), &unread) }
            return unread >= capacity
        }
        try child.send(signal: SIGTERM)
        let outcome = try child.wait()
        #expect(outcome.status == 1)
        #expect(outcome.error == "pinnace: Exiting on signal 15\n")

        let words = try self.words(of: disk)
        for range in [0..<512, (size - 4096)..<size] {
            for offset in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
                #expect(words[offset / 8] == pattern(at: offset), "at \(offset)")
            }
        }
    }

    // MARK: Files

    private func makeDisk(_ name: String = "disk", size: Int) throws -> String {
        try directory.write([], to: name)
        try directory.truncate(name, to: size)
        return directory.path(name)
    }

    /// What guest `block` writes.
    private func pattern(at offset: Int) -> UInt64 {
        UInt64(offset) ^ 0x5A17_ED0D_DBA1_1CA7
    }

    private func words(of path: String) throws -> [UInt64] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        return data.withUnsafeBytes { Array($0.bindMemory(to: UInt64.self)) }
    }

    private func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
