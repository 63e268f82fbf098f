import Foundation
import TestSupport
import Testing

/// A tender that waits for a debugger, and a real gdb with a script.
final class GdbSession {
    let tender: ChildProcess
    private let directory: TemporaryDirectory
    private let guest: String
    /// What gdb connects to.
    let place: String

    /// Where debuggers are awaited.
    enum Way {
        case path, port
    }

    /// - Parameter options: further ones of the tender's.
    init(
        _ flavour: Flavour, _ guest: String, _ arguments: [String] = [], options: [String] = [],
        by way: Way = .path
    ) throws {
        directory = try TemporaryDirectory()
        self.guest = guest
        let path = directory.path("socket")
        let choice = way == .path ? ["--gdb=unix:\(path)"] : ["--gdb", "--gdb-port=0"]
        tender = try ChildProcess(
            flavour.debugPath, ["run"] + choice + options + [Host.guest(guest)] + arguments)
        place = way == .path ? path : try Self.port(of: tender)
    }

    /// - Parameter tender: has been started, with any port.
    init(_ tender: ChildProcess, _ guest: String) throws {
        directory = try TemporaryDirectory()
        self.guest = guest
        self.tender = tender
        place = try Self.port(of: tender)
    }

    /// - Parameter tender: has been started, with a socket at this path.
    init(_ tender: ChildProcess, at path: String, _ guest: String) throws {
        directory = try TemporaryDirectory()
        self.guest = guest
        self.tender = tender
        place = path
    }

    /// Which port a tender has said that it listens on.
    private static func port(of tender: ChildProcess) throws -> String {
        let pattern = /target remote localhost:([0-9]+)"/
        #expect(try tender.waitForOutput("Waiting for a debugger"))
        #expect(try tender.waitForOutput("\n"))
        let port = try #require(tender.errorSoFar.firstMatch(of: pattern))
        return "localhost:\(port.1)"
    }

    /// Has gdb connect and do this.
    ///
    /// - Returns: what it says, with errors.
    func gdb(_ commands: String...) throws -> String {
        #expect(try tender.waitForOutput("Waiting for a debugger"))
        let script = directory.path("script")
        // A busy machine may take longer to answer than gdb's two seconds.
        let lines =
            ["set confirm off", "set width 0", "set remotetimeout 60", "target remote \(place)"]
            + commands
        try directory.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: "script")
        let outcome = try ChildProcess.run(
            "/bin/sh",
            [
                "-c",
                "gdb -nx -batch -x \(Shell.quoted(script)) \(Shell.quoted(Host.guest(guest))) 2>&1",
            ],
            timeout: 120)
        return outcome.output
    }

    /// The commands that send Ctrl-C when the guest has run for a while.
    static let interruptSoon = """
        python
        import os, signal, threading
        threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        end
        """
}
