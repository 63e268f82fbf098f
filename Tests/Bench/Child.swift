import Foundation

/// A running program, without input. Both its output streams end up in one file.
///
/// Foundation's Process would start threads and pipes of its own, which show in what we measure.
struct Child {
    let processID: pid_t
    /// When it was started, in nanoseconds of the monotonic clock.
    let started: UInt64
    private let command: Command
    private let output: MemoryFile

    /// How a program did.
    struct Outcome {
        /// Nanoseconds of the monotonic clock: just before its start, and once it was gone.
        let started: UInt64
        let gone: UInt64
        /// In microseconds, both in user space and in the kernel.
        let cpu: Double
        let output: String

        /// In microseconds.
        var wall: Double { Double(gone - started) / 1000 }
    }

    init(_ command: Command) throws {
        let output = try MemoryFile()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.descriptor, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output.descriptor, STDERR_FILENO)

        var words = command.words.map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var processID: pid_t = 0
        let started = monotonicTime()
        // Like posix_spawn, but a name without a slash is looked for in PATH.
        let error = posix_spawnp(&processID, command.words[0], &actions, nil, &words, environ)
        guard error == 0 else {
            let reason = String(cString: strerror(error))
            throw Failure(description: "\(command.words[0]): \(reason)")
        }
        self.command = command
        self.output = output
        self.processID = processID
        self.started = started
    }

    /// What it has printed so far.
    var printed: String { output.contents }

    /// Waits until it is gone.
    ///
    /// - Throws: unless it ends with status 0.
    func wait() throws -> Outcome {
        var status: Int32 = 0
        let usage = reap(&status)
        let gone = monotonicTime()
        guard status == 0 else {
            // As in wait(2): the low byte tells the signal, the next one the exit status.
            let ending = status & 0x7F == 0 ? "status \(status >> 8)" : "signal \(status & 0x7F)"
            let line = command.words.joined(separator: " ")
            let said = printed.trimmingCharacters(in: .whitespacesAndNewlines)
            throw Failure(description: "\(line)\n  ended with \(ending): \(said)")
        }
        let cpu = microseconds(usage.ru_utime) + microseconds(usage.ru_stime)
        return Outcome(started: started, gone: gone, cpu: cpu, output: printed)
    }

    /// Ends it, whatever it is doing.
    func kill() {
        Foundation.kill(processID, SIGKILL)
        var status: Int32 = 0
        _ = reap(&status)
    }

    private func reap(_ status: inout Int32) -> rusage {
        var usage = rusage()
        while wait4(processID, &status, 0, &usage) < 0 && errno == EINTR {}
        return usage
    }
}

/// Runs a program to its end, which must be a good one.
@discardableResult
func run(_ command: Command) throws -> Child.Outcome {
    try Child(command).wait()
}

/// Nanoseconds of CLOCK_MONOTONIC, the clock that the tender's stages use.
func monotonicTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

private func microseconds(_ time: timeval) -> Double {
    Double(time.tv_sec) * 1_000_000 + Double(time.tv_usec)
}
