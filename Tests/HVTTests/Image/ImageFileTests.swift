import Linux
import TestSupport
import Testing

@testable import HVT
@testable import Tender

/// Files that are no images: none of them makes the tender wait, or read without end.
struct ImageFileTests {
    private func problem(opening path: String) -> ImageError.Problem? {
        do throws(ImageError) {
            _ = try HVTImage(path: path)
            return nil
        } catch {
            return error.problem
        }
    }

    @Test func refusesWhatIsNotThere() throws {
        let directory = try TemporaryDirectory()
        #expect(problem(opening: directory.path("nothing")) == .open(Errno(2)))
        #expect(problem(opening: "") == .open(Errno(2)))
        #expect(
            ImageError(path: "nothing", problem: .open(Errno(2))).description
                == "nothing: Could not open: No such file or directory")
    }

    @Test func refusesDirectory() throws {
        let directory = try TemporaryDirectory()
        #expect(problem(opening: directory.path) == .notRegular)
    }

    /// Opening a FIFO waits for a writer, if one lets it.
    @Test("attack 22: FIFOs") func refusesFIFO() throws {
        let directory = try TemporaryDirectory()
        #expect(problem(opening: try directory.makeFIFO("fifo")) == .notRegular)
    }

    @Test(arguments: ["/dev/null", "/dev/zero", "/dev/full"])
    func refusesDevice(_ path: String) {
        #expect(problem(opening: path) == .notRegular)
    }

    /// Regular files that claim to be empty.
    @Test(arguments: ["/proc/self/status", "/proc/kmsg", "/proc/version"])
    func refusesKernelFile(_ path: String) {
        let found = problem(opening: path)
        let isRefused = found == .truncated(what: "the ELF header") || found == .open(Errno(1))
        #expect(isRefused, "\(String(describing: found))")
    }

    @Test func refusesEmptyFile() throws {
        #expect(try HVTTests.problem(withFile: []) == .truncated(what: "the ELF header"))
    }

    // MARK: Segments' bytes

    /// What loading the image at `path` complains about, after `change`.
    private func problem(
        loading path: String, after change: () throws -> Void = {}
    ) throws -> ImageError.Problem? {
        let memory = try GuestMemory(count: 2 * mebibyte)
        let image = try HVTImage(path: path)
        let segments = try image.segments(memorySize: memory.count)
        try change()
        do throws(TenderError) {
            try image.load(segments, into: memory)
            return nil
        } catch {
            guard case .image(let error) = error else { throw error }
            return error.problem
        }
    }

    @Test func loadsBytesAndZeros() throws {
        let directory = try TemporaryDirectory()
        var elf = ELFBuilder.guest(text: [1, 2, 3])
        elf.parts[GuestPart.data].address = 0x10_2FFE
        let memory = try GuestMemory(count: 2 * mebibyte)
        let image = try HVTImage(path: elf.write(to: directory))
        try image.load(image.segments(memorySize: memory.count), into: memory)
        let range = try memory.range(at: GuestAddress(0), count: memory.count, for: .read)
        let all = memory.bytes(in: range)
        var expected = [UInt8](repeating: 0, count: Int(memory.count))
        for (address, bytes) in [
            (0x10_0000, [1, 2, 3]), (0x10_1000, Array("read-only".utf8)),
            (0x10_2FFE, Array("data".utf8)),
        ] {
            expected.replaceSubrange(address..<address + bytes.count, with: bytes)
        }
        // One expectation for all: they are too many to print.
        let isAsExpected = all == expected
        #expect(isAsExpected)
    }

    /// As large as to be read in pieces, and to fill huge pages.
    @Test func loadsLargeSegments() throws {
        let directory = try TemporaryDirectory()
        let bytes = (0..<5 << 20).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8 ^ $0 >> 16) }
        let memory = try GuestMemory(count: 16 * mebibyte)
        let image = try HVTImage(
            path: ELFBuilder([
                .segment(Part.read, at: 0x17_F123, bytes), .abiNote(), .manifestNote(),
            ]).write(to: directory))
        try image.load(image.segments(memorySize: memory.count), into: memory)
        let range = try memory.range(
            at: GuestAddress(0x17_F122), count: UInt64(bytes.count) + 2, for: .read)
        let isAsExpected = memory.bytes(in: range) == [0] + bytes + [0]
        #expect(isAsExpected)
    }

    /// The file is checked while it is read: that it was long enough before proves nothing.
    @Test("attack 22: files that shrink") func refusesFileThatShrinks() throws {
        let directory = try TemporaryDirectory()
        let elf = ELFBuilder.guest()
        let path = try elf.write(to: directory)
        #expect(try problem(loading: path) == nil)
        for size in [elf.bytes.count, 0x3003, 0x3000, 0x100, 0] {
            let found = try problem(loading: path) { try directory.truncate("guest.hvt", to: size) }
            // The data segment is the last that has bytes, at 0x3000.
            let expected: ImageError.Problem? =
                size == elf.bytes.count ? nil : .truncated(what: "a segment")
            #expect(found == expected, "\(size) bytes")
            try elf.write(to: directory)
        }
    }

    @Test(arguments: [
        1 << 30, UInt64(Int64.max) - 3, UInt64(Int64.max), 1 << 63, .max - 3, .max,
    ])
    func refusesOffsetOutsideTheFile(_ offset: UInt64) throws {
        let directory = try TemporaryDirectory()
        var elf = ELFBuilder.guest()
        elf.parts[GuestPart.data].offset = offset
        let found = try problem(loading: elf.write(to: directory))
        switch found {
        case .truncated, .read(Errno(22)): break
        default: Issue.record("\(String(describing: found))")
        }
    }

    @Test func inspectsBytesOfSegments() throws {
        let directory = try TemporaryDirectory()
        let image = try HVTImage(path: ELFBuilder.guest().write(to: directory))
        let segment = try image.runnableSegments()[1]
        #expect(try image.bytes(of: segment, from: 0, count: 4) == Array("read".utf8))
        #expect(try image.bytes(of: segment, from: 5, count: 100) == Array("only".utf8))
        #expect(try image.bytes(of: segment, from: 9, count: 1) == [])
        #expect(try image.bytes(of: segment, from: .max, count: 1) == [])
    }
}
