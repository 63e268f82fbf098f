import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// A console that nobody reads, or that is not there, is no reason for a guest to die or to stall.
@Suite("Console", .boots) struct ConsoleTests {
    @Test("Closed", arguments: Flavour.built)
    func closed(flavour: Flavour) throws {
        expectSuccess(try flavour.start("many-puts", ["lines=100"], out: .closed).wait())
    }

    @Test("Closed, standard input and error as well", arguments: Flavour.built)
    func allClosed(flavour: Flavour) throws {
        let child = try ChildProcess(
            flavour.path, ["run", Host.guest("exit"), "7"], input: .closed, out: .closed,
            err: .closed)
        #expect(try child.wait().status == 7)
    }

    @Test("attack 23: a disk does not become standard output", arguments: Flavour.built)
    func reusedNumbers(flavour: Flavour) throws {
        let directory = try TemporaryDirectory()
        let content = [UInt8](repeating: 7, count: 4096)
        let disk = try directory.write(content, to: "disk")
        let child = try ChildProcess(
            flavour.path,
            ["run", "--block:storage=\(disk)", Host.guest("bench-block"), "read", "count=1"],
            input: .closed, out: .closed, err: .closed)
        #expect(try child.wait().status == 0)
        #expect(try directory.read("disk") == content)
    }

    @Test("attack 13: a pipe that is full and never read", arguments: Flavour.built)
    func full(flavour: Flavour) throws {
        let (reader, writer) = try Descriptor.pipe()
        _ = try writer.fill()
        let child = try flavour.start("many-puts", ["lines=5"], out: .descriptor(writer.number))
        expectSuccess(
            try child.wait(), lost: 5 * 80 + "SUCCESS\n".utf8.count,
            because: "their reader did not read")
        withExtendedLifetime(reader) {}
    }

    @Test("What is lost of a Hermit guest's output is told as well", arguments: Flavour.built)
    func hermitFull(flavour: Flavour) throws {
        let (reader, writer) = try Descriptor.pipe()
        _ = try writer.fill()
        let child = try flavour.start(
            "hermit/hello-v3", options: ["--stats"], out: .descriptor(writer.number))
        let outcome = try child.wait()
        #expect(outcome.status == 0)
        let told = #/(?s).*\nlost console output: (\d+) bytes\npinnace: (\d+) bytes of the .*/#
        let counts = try #require(outcome.error.wholeMatch(of: told), "\(outcome.error)")
        #expect(counts.1 == counts.2)
        withExtendedLifetime(reader) {}
    }

    @Test(
        "Signals that end it tell what was lost so far", arguments: Flavour.built,
        [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGABRT, SIGUSR1, SIGUSR2, SIGALRM, SIGXCPU])
    func lostBeforeSignal(flavour: Flavour, number: Int32) throws {
        let full = try Descriptor(opening: "/dev/full", O_WRONLY)
        let child = try flavour.start("idle", out: .descriptor(full.number))
        // It has written its line when it waits, by clock_nanosleep.
        try child.waitForVCPU()
        try child.waitForSystemCalls([230])
        try child.send(signal: number)
        let outcome = try child.wait()
        #expect(outcome.signal == (number == SIGTERM ? nil : number))
        let told =
            #/(pinnace: Exiting on signal \d+\n)?pinnace: [1-9]\d* bytes of the .* lost\n/#
        let match = try #require(try told.wholeMatch(in: outcome.error), "\(outcome.error)")
        #expect((match.1 != nil) == (number == SIGTERM || number == SIGINT))
    }

    @Test("A FIFO whose reader comes back", arguments: Flavour.built)
    func readerReturns(flavour: Flavour) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.makeFIFO("console")
        var reader: Descriptor? = try Descriptor(opening: path, O_RDONLY | O_NONBLOCK)
        let writer = try Descriptor(opening: path, O_WRONLY)
        // Its reader is gone before the guest begins, and back while it runs.
        reader = nil
        let child = try flavour.start(
            "many-puts", ["lines=50000"], out: .descriptor(writer.number))
        try child.waitForVCPU()
        usleep(20_000)
        reader = try Descriptor(opening: path, O_RDONLY)
        var text = ""
        while !text.hasSuffix("SUCCESS\n") {
            text += String(decoding: try reader?.read(upTo: 65536) ?? [], as: UTF8.self)
        }
        let outcome = try child.wait()
        #expect(outcome.status == 0)
        let lost = 50_000 * 80 + "SUCCESS\n".utf8.count - text.utf8.count
        #expect(
            outcome.error == (lost == 0 ? "" : Self.told(lost, "there was no reader")))
    }

    @Test("A pipe whose reader is slow gets every byte", arguments: Flavour.built)
    func slow(flavour: Flavour) throws {
        let (reader, writer) = try Descriptor.pipe()
        let lines = 5000
        let child = try flavour.start(
            "many-puts", ["lines=\(lines)", "size=80"], out: .descriptor(writer.number))
        var bytes: [UInt8] = []
        let size = 80 * lines + "SUCCESS\n".utf8.count
        while bytes.count < size {
            bytes += try reader.read(upTo: 4096)
            usleep(500)
        }
        expectSuccess(try child.wait())
        #expect(bytes.count == size)
        let numbers = String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropLast()
            .map { Int($0.prefix(8)) }
        #expect(numbers == Array(0..<lines))
    }

    @Test("A pipe whose reader goes away", arguments: Flavour.built)
    func gone(flavour: Flavour) throws {
        var (reader, writer): (Descriptor?, Descriptor) = try Descriptor.pipe()
        let child = try flavour.start(
            "many-puts", ["lines=5000"], out: .descriptor(writer.number))
        _ = try reader?.read(upTo: 80)
        reader = nil
        writer = try Descriptor(opening: "/dev/null", O_RDONLY)
        expectSuccess(try child.wait())
    }

    @Test("A disk that is full", arguments: Flavour.built)
    func noSpace(flavour: Flavour) throws {
        let full = try Descriptor(opening: "/dev/full", O_WRONLY)
        let child = try flavour.start("many-puts", ["lines=5"], out: .descriptor(full.number))
        expectSuccess(
            try child.wait(), lost: 5 * 80 + "SUCCESS\n".utf8.count,
            because: "No space left on device")
        withExtendedLifetime(full) {}
    }

    @Test("Open for reading only", arguments: Flavour.built)
    func readOnly(flavour: Flavour) throws {
        let file = try Descriptor(opening: "/dev/null", O_RDONLY)
        let child = try flavour.start("many-puts", out: .descriptor(file.number))
        expectSuccess(try child.wait())
        withExtendedLifetime(file) {}
    }

    @Test("A file that is appended to", arguments: Flavour.built)
    func append(flavour: Flavour) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(Array("before\n".utf8), to: "log")
        let log = try Descriptor(opening: path, O_WRONLY | O_APPEND)
        expectSuccess(try flavour.start("hello", out: .descriptor(log.number)).wait())
        let text = String(decoding: try directory.read("log"), as: UTF8.self)
        #expect(text == "before\nHello, World\nhello: cmdline=\"\"\nSUCCESS\n")
        withExtendedLifetime(log) {}
    }

    @Test("The opening that we share stays as it was", arguments: Flavour.built)
    func flags(flavour: Flavour) throws {
        let (reader, writer) = try Descriptor.pipe()
        let flags = try writer.statusFlags()
        expectSuccess(try flavour.start("hello", out: .descriptor(writer.number)).wait())
        #expect(try writer.statusFlags() == flags)
        withExtendedLifetime(reader) {}
    }

    private func expectSuccess(
        _ outcome: ChildProcess.Outcome, lost: Int = 0, because cause: String = "",
        at location: SourceLocation = #_sourceLocation
    ) {
        #expect(outcome.status == 0, "\(outcome)", sourceLocation: location)
        #expect(
            outcome.error == (lost == 0 ? "" : Self.told(lost, cause)), sourceLocation: location)
    }

    private static func told(_ count: Int, _ cause: String) -> String {
        "pinnace: \(count) bytes of the guest's output were lost: \(cause)\n"
    }
}
