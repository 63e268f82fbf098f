import Bytes
import CLinux
import TestSupport
import Testing

@testable import Linux

/// Files that options name, of whatever kind.
@Suite struct OptionFileTests {
    private func read(_ path: String, limit: Int = 1000) throws(InputError) -> String {
        let bytes = try OptionFile.read(
            path, limit: limit, writerPatience: 50, silencePatience: 300)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Of a writer that was waited for 300 milliseconds.
    private static let silent = InputError(
        "its writer has said nothing for 0 seconds, nor closed it")

    @Test func files() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(Array("0123456789".utf8), to: "file")
        #expect(try read(path) == "0123456789")
        #expect(try read(path, limit: 10) == "0123456789")
        #expect(throws: InputError("it is longer than 9 bytes")) { try read(path, limit: 9) }
        #expect(try read("/dev/null") == "")
        #expect(throws: InputError("it is longer than 1000 bytes")) { try read("/dev/zero") }
        #expect(throws: InputError("Is a directory")) { try read(directory.path) }
        #expect(throws: InputError("No such file or directory")) {
            try read(directory.path("none"))
        }
        // As a file of its own, from the beginning.
        let file = try FileDescriptor.open(path, O_RDONLY)
        _ = try file.seek(5, SEEK_SET)
        #expect(try read("/dev/fd/\(file.number)") == "0123456789")
    }

    @Test(arguments: ["/dev/fd/", "/proc/self/fd/"]) func pipes(_ directory: String) throws {
        let bytes = Array("some".utf8)
        let path: String
        let reader: Descriptor
        do {
            let (ours, writer) = try Descriptor.pipe()
            reader = ours
            path = "\(directory)\(reader.number)"
            #expect(CLinux.write(writer.number, bytes, bytes.count) == 4)
            #expect(throws: Self.silent) { try read(path) }
            #expect(CLinux.write(writer.number, bytes, bytes.count) == 4)
        }
        #expect(try read(path) == "some")
        #expect(try read(path) == "")
        withExtendedLifetime(reader) {}
    }

    @Test func aFIFO() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("fifo")
        #expect(mkfifo(path, 0o600) == 0)
        #expect(throws: InputError("no process writes to it")) { try read(path) }
        // A writer that has nothing to say.
        let writer = try FileDescriptor.open(path, O_RDWR)
        #expect(throws: Self.silent) { try read(path) }
        let bytes = Array("more".utf8)
        #expect(CLinux.write(writer.number, bytes, bytes.count) == 4)
        #expect(throws: Self.silent) { try read(path) }
    }

    @Test(
        arguments: [
            ("/dev/fd/63", 63), ("/proc/self/fd/7", 7), ("/dev/fd/5/sub:/root:ro", 5),
            ("/dev/stdin", 0), ("/dev/fd/", nil), ("/dev/fdx/5", nil), ("/tmp/dev/fd/5", nil),
            ("", nil),
            ("/dev/fd/99999999999", nil), ("@5", nil), ("/dev/fd/-1", nil),
        ] as [(String, Int32?)])
    func descriptors(path: String, number: Int32?) {
        #expect(OptionFile.descriptor(named: path) == number)
    }
}
