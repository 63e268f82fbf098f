import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// How a guest is launched: as its rules are asked for, and as it runs.
struct LaunchPlan {
    let flavour: Flavour
    /// The name of one of our guests, or a path.
    let guest: String
    var arguments: [String] = []
    var options: [String] = []
    /// Where it is launched.
    var directory: TemporaryDirectory
    /// Whether by the tender with the modules that look into guests.
    var isDebugged = false
    var namespace: Namespace?
    var input = ChildProcess.Stream.null
    /// Further descriptors: under which number, and which.
    var inherited: [Int32: Int32] = [:]
    /// Whether standard error goes where standard output does.
    var mergesStreams = false
    /// Standard output, if it is not a pipe that the test reads.
    var output: Output?

    struct Output {
        let descriptor: Descriptor
        /// Makes another of the same kind, and the end to read from.
        let another: () throws -> (reader: Descriptor, writer: Descriptor)
    }

    /// The exact rules of this launch.
    func rules() throws -> LaunchRules {
        let words = ["manifest", "--sandbox", "--json"]
        let outcome: ChildProcess.Outcome
        var bytes: [UInt8]
        if let output {
            let (reader, writer) = try output.another()
            outcome = try start(words, out: .descriptor(writer.number)).wait()
            try reader.setBlocking(false)
            bytes = try reader.readAll()
            withExtendedLifetime(writer) {}
        } else {
            outcome = try start(words, out: .pipe).wait()
            bytes = outcome.out
        }
        try #require(outcome.status == 0, "\(outcome.error)")
        return try JSONDecoder().decode(LaunchRules.self, from: Data(bytes))
    }

    /// Starts the tender.
    ///
    /// - Parameters:
    ///   - command: what it is to do with the guest.
    ///   - watch: a program that runs it, with all arguments that precede the tender.
    func start(
        _ command: [String], under watch: [String] = [], out: ChildProcess.Stream
    ) throws -> ChildProcess {
        let path = Host.isPath(guest) ? guest : Host.guest(guest)
        let tender = isDebugged ? flavour.debugPath : flavour.path
        let words = watch + [tender] + command + options + [path] + arguments
        let line = namespace?.command(words) ?? Shell.quoted(words)
        return try Shell.start(
            "cd \(Shell.quoted(directory.path)) && exec \(line)\(mergesStreams ? " 2>&1" : "")",
            input: input, out: out,
            inherited: inherited)
    }
}

/// A launch under strace.
final class TracedLaunch {
    private let child: ChildProcess
    private let log: String

    init(_ plan: LaunchPlan) throws {
        log = plan.directory.path("trace-\(UUID().uuidString)")
        let watch = ["strace", "-f", "-X", "raw", "-e", "raw=all", "-o", log]
        child = try plan.start(
            ["run"], under: watch,
            out: plan.output.map { .descriptor($0.descriptor.number) } ?? .pipe)
    }

    /// So far.
    var trace: SystemCallTrace {
        SystemCallTrace((try? String(contentsOfFile: log, encoding: .utf8)) ?? "")
    }

    /// Waits until the tender has begun a system call for the `count`th time under its filter.
    ///
    /// - Parameter descriptor: the call's first argument, if only such calls count.
    func waitForCall(_ name: String, on descriptor: Int32? = nil, count: Int = 1) throws {
        try wait("no \(name)") { trace in
            trace.calls.count { call in
                call.name == name
                    && (descriptor == nil || call.arguments.first == descriptor.map { UInt64($0) })
            } >= count
        }
    }

    /// What debuggers of this guest connect to.
    func session(at path: String, _ guest: String) throws -> GdbSession {
        try GdbSession(child, at: path, guest)
    }

    func waitForOutput(_ text: String) throws {
        try #require(try child.waitForOutput(text))
    }

    func send(signal number: Int32) throws {
        let process = try #require(trace.process)
        try attempt { kill(process, number) }
    }

    /// Stops the tender, and has it go on.
    func stopAndContinue() throws {
        let stopCount = trace.stopCount
        try send(signal: SIGSTOP)
        try wait("not stopped") { $0.stopCount > stopCount }
        try send(signal: SIGCONT)
    }

    /// Lets it have no descriptor any more, but for those that it has.
    func forbidDescriptors() throws {
        let process = try #require(trace.process)
        let outcome = try Shell.run("prlimit --pid \(process) --nofile=0:0")
        try #require(outcome.status == 0, "\(outcome.error)")
    }

    func end() throws -> ChildProcess.Outcome { try child.wait() }

    /// Waits for something to show in the trace.
    private func wait(_ failure: String, until isThere: (SystemCallTrace) -> Bool) throws {
        for _ in 0..<30_000 {
            let trace = trace
            if isThere(trace) { return }
            if trace.hasEnded { break }
            usleep(2000)
        }
        throw NotSeen(description: "\(failure) in \(trace.calls.suffix(20))")
    }

    private struct NotSeen: Error, CustomStringConvertible {
        let description: String
    }
}
