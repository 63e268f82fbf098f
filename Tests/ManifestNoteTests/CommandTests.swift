import Foundation
import Testing

@testable import ManifestNote

/// The program as its users meet it: files, streams, exit status.
@Suite struct CommandTests {
    private let good = manifest([("eth0", "NET_BASIC"), ("disk", "BLOCK_BASIC")])
    private let bad = "{\n\"type\": 1"
    private let folder: Folder

    init() throws {
        folder = try Folder()
    }

    private func expected() throws -> String {
        noteSource(for: try parse(good))
    }

    @Test func writesTheFileInSilence() throws {
        try folder.write(good, to: "m.json")
        let outcome = try run(manifestNote, [folder.path("m.json"), folder.path("m.c")])
        #expect(outcome == Outcome(status: 0))
        #expect(try folder.read("m.c") == expected())
        #expect(try folder.names() == ["m.c", "m.json"])
    }

    @Test func replacesTheFile() throws {
        try folder.write(good, to: "m.json")
        try folder.write(String(repeating: "old\n", count: 10_000), to: "m.c")
        #expect(
            try run(manifestNote, [folder.path("m.json"), folder.path("m.c")])
                == Outcome(status: 0))
        #expect(try folder.read("m.c") == expected())
    }

    @Test func joinsStandardStreams() throws {
        #expect(
            try run(manifestNote, ["-", "-"], input: good)
                == Outcome(status: 0, output: expected()))
        #expect(try run(manifestNote, ["-", folder.path("m.c")], input: good).status == 0)
        #expect(try folder.read("m.c") == expected())
    }

    @Test func callsStandardInputByName() throws {
        #expect(
            try run(manifestNote, ["-", "-"], input: bad)
                == Outcome(
                    status: 1, error: "<stdin>:2: unexpected end of file, expected ',' or '}'\n"))
    }

    @Test func leavesTheFileAloneIfTheManifestIsBad() throws {
        let source = try folder.write(bad, to: "m.json")
        try folder.write("old", to: "m.c")
        #expect(
            try run(manifestNote, [source, folder.path("m.c")])
                == Outcome(
                    status: 1, error: "\(source):2: unexpected end of file, expected ',' or '}'\n"))
        #expect(try folder.read("m.c") == "old")
        #expect(try folder.names() == ["m.c", "m.json"])
    }

    @Test func saysWhereThereAreTooManyDevices() throws {
        let source = try folder.write(manifest(numberedDevices(64)), to: "m.json")
        #expect(
            try run(manifestNote, [source, "-"])
                == Outcome(
                    status: 1, error: "\(source):68: .devices[]: too many entries, maximum 63\n"))
    }

    /// The limit on file size stands in for a full disk: the first 512 bytes fit.
    @Test func leavesTheFileAloneIfWritingFails() throws {
        try folder.write("old", to: "m.c")
        let outcome = try run(
            "/bin/sh",
            [
                "-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"", manifestNote, "-",
                folder.path("m.c"),
            ], input: good)
        #expect(
            outcome
                == Outcome(
                    status: 1,
                    error: "manifest-note: cannot write \(folder.path("m.c")): File too large\n"))
        #expect(try folder.read("m.c") == "old")
        #expect(try folder.names() == ["m.c"])
    }

    @Test func noticesAFullDevice() throws {
        let reason = "No space left on device\n"
        #expect(
            try run(manifestNote, ["-", "-"], input: good, output: "/dev/full")
                == Outcome(status: 1, error: "manifest-note: cannot write <stdout>: \(reason)"))
        #expect(
            try run(manifestNote, ["--help"], output: "/dev/full")
                == Outcome(status: 1, error: "manifest-note: cannot write <stdout>: \(reason)"))
    }

    @Test func writesThroughLinks() throws {
        try folder.write("old", to: "m.c")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("link"), withDestinationPath: "m.c")
        #expect(
            try run(manifestNote, ["-", folder.path("link")], input: good) == Outcome(status: 0))
        #expect(try folder.read("m.c") == expected())
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("link")) == "m.c")
    }

    /// A pipe stands in for every special file: were this to fail with a device for OUTPUT, and
    /// run by root, then it would replace the machine's own.
    @Test func doesNotReplaceSpecialFiles() throws {
        let path = folder.path("pipe")
        #expect(mkfifo(path, 0o600) == 0)
        let pipe = open(path, O_RDWR | O_NONBLOCK)
        try #require(pipe >= 0)
        defer { close(pipe) }
        #expect(try run(manifestNote, ["-", path], input: good) == Outcome(status: 0))
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(pipe, &bytes, bytes.count)
        #expect(try String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self) == expected())
        #expect(try folder.names() == ["pipe"])
        #expect(
            try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
                != .typeRegular)
    }

    @Test func namesTheFileAndTheReason() throws {
        let missing = folder.path("missing.json")
        #expect(
            try run(manifestNote, [missing, "-"])
                == Outcome(
                    status: 1,
                    error: "manifest-note: cannot open \(missing): No such file or directory\n"))
        #expect(
            try run(manifestNote, [folder.url.path, "-"])
                == Outcome(
                    status: 1,
                    error: "manifest-note: cannot read \(folder.url.path): Is a directory\n"))
        #expect(
            try run(manifestNote, ["-", folder.url.path], input: good)
                == Outcome(
                    status: 1,
                    error: "manifest-note: cannot open \(folder.url.path): Is a directory\n"))
        let outcome = try run(manifestNote, ["-", folder.path("none/m.c")], input: good)
        #expect(outcome.status == 1)
        #expect(outcome.error.hasPrefix("manifest-note: cannot create \(folder.path("none/m.c"))."))
        #expect(outcome.error.hasSuffix(": No such file or directory\n"))
    }

    @Test func endsOnAnEndlessSource() throws {
        #expect(
            try run(manifestNote, ["/dev/zero", "-"])
                == Outcome(
                    status: 1, error: "manifest-note: /dev/zero is larger than 1048576 bytes\n"))
    }

    @Test func helps() throws {
        let outcome = try run(manifestNote, ["--help"])
        #expect(outcome.output.hasPrefix("usage: manifest-note SOURCE.json OUTPUT.c\n"))
        #expect(outcome.error.isEmpty)
        #expect(outcome.status == 0)
    }

    @Test(arguments: [[], ["-"], ["-", "-", "-"]])
    func refusesTheWrongNumberOfArguments(_ arguments: [String]) throws {
        #expect(
            try run(manifestNote, arguments)
                == Outcome(
                    status: 1,
                    error: "manifest-note: expected SOURCE.json and OUTPUT.c; --help tells more\n"))
    }

    @Test func refusesUnknownOptions() throws {
        #expect(
            try run(manifestNote, ["-x\n", "-"])
                == Outcome(status: 1, error: "manifest-note: unknown option: -x\\u{a}\n"))
    }
}
