import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// The tender as orchestrators call it: their command lines, streams and users.
@Suite("Orchestrators", .boots) struct OrchestratorTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try directory.write([UInt8](repeating: 0, count: 1 << 20), to: "disk")
    }

    /// The tender in the directory, by the name that is looked for.
    private func installed(_ flavour: Flavour, as name: String) throws -> String {
        let path = directory.path(name)
        try FileManager.default.createSymbolicLink(
            atPath: path, withDestinationPath: flavour.path)
        return path
    }

    // MARK: albatross

    /// It looks for `solo5-hvt.ABI` before `solo5-hvt`, and wants a line of these three words.
    @Test(
        "albatross: the version of the ABI", arguments: Flavour.built, ["solo5-hvt.2", "solo5-hvt"])
    func version(flavour: Flavour, name: String) throws {
        let outcome = try Shell.run("\(try installed(flavour, as: name)) --version 2>&1")
        #expect(outcome.status == 0)
        let lines = outcome.output.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(lines.contains(["ABI", "version", "2"]))
    }

    /// The streams are one FIFO that was opened for writing; options come by kind, networks first.
    private func albatross(
        _ flavour: Flavour, in namespace: Namespace, console: Descriptor, guest: String,
        _ arguments: [String]
    ) throws -> ChildProcess {
        let words =
            namespace.entry + ["taskset", "-c", "0", try installed(flavour, as: "solo5-hvt.2")] + [
                "--mem=16", "--net:service=tap0", "--net-mac:service=02:00:00:00:00:01",
                "--block:storage=\(directory.path("disk"))", "--block-sector-size:storage=512",
                "--", Host.guest(guest),
            ] + arguments
        let stream = ChildProcess.Stream.descriptor(console.number)
        return try ChildProcess("/usr/bin/env", words, input: stream, out: stream, err: stream)
    }

    private func console() throws -> (reader: Descriptor, writer: Descriptor) {
        let path = try directory.makeFIFO("console")
        let reader = try Descriptor(opening: path, O_RDONLY | O_NONBLOCK)
        return (reader, try Descriptor(opening: path, O_WRONLY | O_APPEND))
    }

    @Test("albatross: its command line and its console", .usesTaps, arguments: Flavour.built)
    func albatross(flavour: Flavour) throws {
        let namespace = try Namespace()
        let console = try console()
        let outcome = try albatross(
            flavour, in: namespace, console: console.writer, guest: "layout-devices",
            ["--name=x", "y"]
        ).wait()
        #expect(outcome.status == 0)
        let output = String(decoding: try console.reader.read(upTo: 65536), as: UTF8.self)
        // What follows the image is the guest's: "--name=x y".
        #expect(
            output.contains(" length=10\n") && output.contains("02:00:00:00:00:01"), "\(output)")
    }

    @Test("albatross: SIGTERM, and statuses", arguments: Flavour.built)
    func albatrossEnds(flavour: Flavour) throws {
        let (reader, writer) = try console()
        let stream = ChildProcess.Stream.descriptor(writer.number)
        let tender = try installed(flavour, as: "solo5-hvt")
        let start = { (words: [String]) throws in
            try ChildProcess(tender, words, input: stream, out: stream, err: stream)
        }
        let child = try start(["--mem=16", "--", Host.guest("idle")])
        try child.waitForVCPU()
        try child.send(signal: SIGTERM)
        // Never restarted, as any failure of the tender's own.
        #expect(try child.wait().status == 1)
        #expect(try start(["--mem=16", "--", Host.guest("exit"), "64"]).wait().status == 64)
        #expect(try start(["--mem=16", "--", directory.path("disk")]).wait().status == 1)
        let output = String(decoding: try reader.read(upTo: 65536), as: UTF8.self)
        #expect(output.contains("solo5-hvt: Exiting on signal 15\n"), "\(output)")
        #expect(output.contains("not an ELF"), "\(output)")
    }

    // MARK: urunc

    /// A container's root that holds nothing but the tender, the guest and /dev/kvm; the guest's
    /// command line is one word.
    @Test(
        "urunc: in a root of its own, as a user without privileges", .needs(Host.needsRoot),
        .needs(Host.missing("setpriv")), arguments: [Flavour.release])
    func urunc(flavour: Flavour) throws {
        let outcome = try Shell.run(
            #"""
            set -e
            cd "$D"
            mkdir -p root/dev
            mknod -m 666 root/dev/kvm c $(stat -c '%Hr %Lr' /dev/kvm)
            cp "$P" root/solo5-hvt
            cp "$G" root/guest.hvt
            exec unshare --root root                 --setgid 65534 --setuid 65534 /solo5-hvt --mem=16 -- /guest.hvt 'one string, with  blanks'
            """#,
            environment: ["P": flavour.path, "G": Host.guest("hello"), "D": directory.path])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output.contains("hello: cmdline=\"one string, with  blanks\"\n"))
        #expect(outcome.output.hasSuffix("SUCCESS\n") && outcome.error.isEmpty)
    }

    // MARK: Nix and opam

    /// The name that counts is the one that was called, however many links it takes to the binary.
    @Test(
        "Nix and opam: links to links, in directories that can't be written to",
        arguments: Flavour.built)
    func profiles(flavour: Flavour) throws {
        try directory.makeDirectory("store")
        try directory.makeDirectory("profile")
        let files = FileManager.default
        try files.createSymbolicLink(
            atPath: directory.path("store/solo5-hvt"), withDestinationPath: flavour.path)
        try files.createSymbolicLink(
            atPath: directory.path("profile/solo5-hvt"),
            withDestinationPath: "../store/solo5-hvt")
        for name in ["store", "profile"] {
            try attempt { chmod(directory.path(name), 0o500) }
        }
        let outcome = try ChildProcess.run(
            directory.path("profile/solo5-hvt"), ["--mem=16", Host.guest("hello"), "x"])
        for name in ["store", "profile"] {
            try attempt { chmod(directory.path(name), 0o700) }
        }
        #expect(outcome.status == 0 && outcome.output.contains("cmdline=\"x\""), "\(outcome)")
    }
}
