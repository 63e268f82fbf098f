import Foundation

/// A program that a test started.
///
/// Signals are as in a fresh shell, whatever the test process does with them, and no descriptor is
/// inherited but those that the test names. A child that is still there at the end is killed.
public final class ChildProcess {
    /// What a standard stream of the child is connected to.
    public enum Stream {
        /// To this object: input to `write`, output to the outcome.
        case pipe
        /// To /dev/null.
        case null
        /// To nothing: the descriptor is closed.
        case closed
        /// To a descriptor of the test's.
        case descriptor(Int32)
    }

    /// How a child ended, or that it did not.
    public struct Outcome: Equatable, Sendable {
        /// What it exited with; nil if it did not exit.
        public var status: Int32?
        /// The signal that ended it.
        public var signal: Int32?
        /// Whether it was killed because time was up.
        public var timedOut = false
        /// What it wrote to standard output and standard error, if those were pipes.
        public var out: [UInt8] = []
        public var err: [UInt8] = []

        public init(status: Int32? = nil) { self.status = status }

        public var output: String { String(decoding: out, as: UTF8.self) }
        public var error: String { String(decoding: err, as: UTF8.self) }
    }

    public let id: pid_t
    private var outcome = Outcome()
    private var hasEnded = false
    private var input: Descriptor?
    private var out: Descriptor?
    private var err: Descriptor?

    /// Starts `path`.
    ///
    /// - Parameters:
    ///   - arguments: without the program's own name.
    ///   - environment: nil for the test's own.
    ///   - inherited: further descriptors for the child: under which number, and which.
    public init(
        _ path: String, _ arguments: [String] = [], environment: [String: String]? = nil,
        input: Stream = .null, out: Stream = .pipe, err: Stream = .pipe,
        inherited: [Int32: Int32] = [:]
    ) throws {
        var plan = SpawnPlan()
        self.input = try plan.connect(input, to: 0)
        self.out = try plan.connect(out, to: 1)
        self.err = try plan.connect(err, to: 2)
        for (number, source) in inherited { try plan.connect(.descriptor(source), to: number) }
        id = try plan.spawn(path, arguments, environment)
        // Writing to a child that is gone is an error like others.
        signal(SIGPIPE, SIG_IGN)
        try self.out?.setBlocking(false)
        try self.err?.setBlocking(false)
    }

    deinit {
        if !hasEnded {
            kill(id, SIGKILL)
            waitpid(id, nil, 0)
        }
    }

    /// Runs a program to its end, or until `timeout` seconds have passed.
    ///
    /// - Parameter text: its standard input.
    public static func run(
        _ path: String, _ arguments: [String] = [], environment: [String: String]? = nil,
        input text: String = "", inherited: [Int32: Int32] = [:], timeout: Double = 60
    ) throws -> Outcome {
        // From a file, since it may be more than a pipe holds.
        let directory = try TemporaryDirectory()
        let file = try Descriptor(opening: directory.write(Array(text.utf8), to: "input"), O_RDONLY)
        let child = try withExtendedLifetime(file) {
            try ChildProcess(
                path, arguments, environment: environment, input: .descriptor(file.number),
                inherited: inherited)
        }
        return try child.wait(timeout: timeout)
    }

    // MARK: Talking to it

    /// Writes to its standard input.
    public func write(_ text: String) throws {
        var rest = Array(text.utf8)[...]
        while let input, !rest.isEmpty { rest = rest.dropFirst(try input.write(Array(rest))) }
    }

    public func closeInput() {
        input = nil
    }

    public func send(signal number: Int32) throws {
        try attempt { kill(id, number) }
    }

    // MARK: Waiting for it

    /// Waits until `text` was written to standard output or standard error.
    ///
    /// - Returns: whether it was, before the child ended and before `timeout` seconds had passed.
    public func waitForOutput(_ text: String, timeout: Double = 60) throws -> Bool {
        func isThere() -> Bool { outcome.output.contains(text) || outcome.error.contains(text) }
        try proceed(timeout: timeout, until: isThere)
        return isThere()
    }

    /// What it has written to standard error, as far as it was waited for.
    public var errorSoFar: String { outcome.error }

    /// Waits for the end. When `timeout` seconds have passed, kills it.
    public func wait(timeout: Double = 60) throws -> Outcome {
        try proceed(timeout: timeout) { false }
        if !hasEnded {
            outcome.timedOut = true
            kill(id, SIGKILL)
            try proceed(timeout: .infinity) { false }
        }
        return outcome
    }

    /// Collects output until the child has ended, or `isDone`, or time is up.
    private func proceed(timeout: Double, until isDone: () -> Bool) throws {
        let clock = ContinuousClock()
        let start = clock.now
        while !hasEnded, !isDone(), (clock.now - start) / .seconds(1) < timeout {
            var requests = [out, err].map {
                pollfd(fd: $0?.number ?? -1, events: Int16(POLLIN), revents: 0)
            }
            // Nothing tells of the end if the outputs are not ours, or not the child's alone.
            poll(&requests, 2, 10)
            var status: Int32 = 0
            let result = try attempt { waitpid(id, &status, WNOHANG) }
            // After the look at the child, so that nothing that it wrote is missed.
            collect(&out, &outcome.out)
            collect(&err, &outcome.err)
            if result == id { ended(status) }
        }
    }

    private func collect(_ stream: inout Descriptor?, _ bytes: inout [UInt8]) {
        var chunk = [UInt8](repeating: 0, count: 65536)
        while let number = stream?.number {
            let count = read(number, &chunk, chunk.count)
            if count < 0 { return }
            if count == 0 { stream = nil }
            bytes += chunk.prefix(count)
        }
    }

    private func ended(_ status: Int32) {
        hasEnded = true
        // As WIFEXITED and its like, which Swift cannot import.
        if status & 0x7F == 0 {
            outcome.status = status >> 8 & 0xFF
        } else {
            outcome.signal = status & 0x7F
        }
    }
}
