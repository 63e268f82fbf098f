import Foundation
import TestSupport
import Testing

/// The tests' own way to run programs, which others rely on.
struct ChildProcessTests {
    private func shell(
        _ script: String, environment: [String: String]? = nil, input: String = "",
        inherited: [Int32: Int32] = [:], timeout: Double = 60
    ) throws -> ChildProcess.Outcome {
        try ChildProcess.run(
            "/bin/sh", ["-c", script], environment: environment, input: input,
            inherited: inherited, timeout: timeout)
    }

    @Test func tellsStatusAndOutput() throws {
        let outcome = try shell("echo out; echo err >&2; exit 3")
        #expect(outcome.status == 3 && outcome.signal == nil && !outcome.timedOut)
        #expect(outcome.output == "out\n")
        #expect(outcome.error == "err\n")
    }

    @Test func tellsSignal() throws {
        let outcome = try shell("kill -TERM $$")
        #expect(outcome.status == nil && outcome.signal == SIGTERM && !outcome.timedOut)
    }

    @Test func endsWhenTimeIsUp() throws {
        let outcome = try shell("echo before; exec sleep 1000", timeout: 0.05)
        #expect(outcome.timedOut && outcome.signal == SIGKILL && outcome.status == nil)
    }

    @Test func givesInput() throws {
        let text = String(repeating: "0123456789abcde\n", count: 1 << 14)
        let outcome = try shell("cat", input: text)
        let isWhole = outcome.output == text
        #expect(isWhole)
        #expect(try shell("cat").output == "")
    }

    @Test func givesEnvironment() throws {
        #expect(try shell("echo $A-$HOME", environment: ["A": "b"]).output == "b-\n")
    }

    @Test func failsToStart() {
        #expect(throws: SystemCallError.self) { try ChildProcess.run("/nothing") }
    }

    @Test func givesNoOtherDescriptors() throws {
        let (reader, writer) = try Descriptor.pipe()
        // Not close-on-exec.
        let leak = Descriptor(owning: try attempt { dup(writer.number) })
        let outcome = try shell("ls /proc/$$/fd; true", inherited: [7: writer.number])
        #expect(outcome.output == "0\n1\n2\n7\n")
        withExtendedLifetime((reader, leak)) {}
    }

    @Test func swapsDescriptors() throws {
        let (reader, writer) = try Descriptor.pipe()
        let (otherReader, otherWriter) = try Descriptor.pipe()
        let inherited = [writer.number: otherWriter.number, otherWriter.number: writer.number]
        let outcome = try shell(
            "echo one > /proc/self/fd/\(writer.number); "
                + "echo two > /proc/self/fd/\(otherWriter.number)", inherited: inherited)
        #expect(outcome.status == 0)
        #expect(try otherReader.read(upTo: 10) == Array("one\n".utf8))
        #expect(try reader.read(upTo: 10) == Array("two\n".utf8))
    }

    @Test func closesStreams() throws {
        let script = "for i in 0 1 2; do [ -e /proc/$$/fd/$i ] && echo $i >&2; done"
        let child = try ChildProcess("/bin/sh", ["-c", script], input: .closed, out: .closed)
        #expect(try child.wait().error == "2\n")
    }

    /// A test may ignore signals; what it starts does not.
    @Test func signalsAreAsInAShell() throws {
        signal(SIGPIPE, SIG_IGN)
        #expect(try shell("kill -PIPE $$").signal == SIGPIPE)
    }

    @Test func talks() throws {
        let script = "echo ready; read line; echo got $line; exec sleep 1000"
        let child = try ChildProcess("/bin/sh", ["-c", script], input: .pipe)
        #expect(try child.waitForOutput("ready"))
        try child.write("hello\n")
        #expect(try child.waitForOutput("got hello\n"))
        #expect(try !child.waitForOutput("more", timeout: 0.05))
        try child.send(signal: SIGINT)
        let outcome = try child.wait()
        #expect(outcome.signal == SIGINT && outcome.output == "ready\ngot hello\n")
    }

    @Test func childrenOfTheChildDoNotMatter() throws {
        #expect(try shell("sleep 3 & echo done").output == "done\n")
    }
}
