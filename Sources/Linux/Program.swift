import CLinux

/// Another program, started while this process has one thread.
public enum Program {
    /// The end of a program.
    public struct Result: Sendable {
        /// As a shell has it: the exit status, or 128 and the number of the signal.
        public let status: Int32
        /// The text that it wrote to its standard streams, at most 16 KiB.
        public let messages: String
    }

    /// The number of the descriptor that a program is passed.
    public static let passedNumber: Int32 = 3
    private static let mostMessages = 16 << 10

    /// Runs a program until its first process has ended, which may have left another one in the
    /// background.
    ///
    /// - Parameters:
    ///   - arguments: the program's name, which is searched for in PATH, and its arguments.
    ///   - descriptor: its descriptor 3. It gets no other, and its standard input is empty.
    /// - Throws: ENOENT if there is no such program, or what else keeps it from being started.
    public static func run(
        _ arguments: [String], passing descriptor: Int32
    ) throws(Errno) -> Result {
        // A file, since a reader of a pipe would have to take turns with the program.
        let messages = try FileDescriptor.inMemory(named: "messages")
        // If SIGCHLD is ignored, the kernel keeps no exit status.
        let isIgnored = linux_is_signal_ignored(SIGCHLD) != 0
        if isIgnored { _ = linux_default_signal(SIGCHLD) }
        defer { if isIgnored { _ = linux_ignore_signal(SIGCHLD) } }
        keepOtherDescriptors()
        let process = try start(arguments, passing: descriptor, messages: messages.number)
        var status: Int32 = 0
        // The kernel fills in the status.
        _ = try retrying { unsafe waitpid(process, &status, 0) }
        let signal = status & 0x7F
        return Result(
            status: signal == 0 ? status >> 8 & 0xFF : 128 + signal,
            messages: String(
                decoding: try messages.read(at: 0, count: mostMessages), as: UTF8.self))
    }

    /// No program gets a descriptor that this process has, or was started with, from 3 on.
    private static func keepOtherDescriptors() {
        guard linux_close_at_exec(UInt32(passedNumber)) != 0 else { return }
        // One by one, up to as many as a process usually may have.
        let end = min(linux_limit(Int32(LINUX_LIMIT_DESCRIPTORS)), 65536)
        for number in passedNumber..<max(passedNumber, Int32(truncatingIfNeeded: end)) {
            _ = linux_fcntl(number, F_SETFD, Int(FD_CLOEXEC))
        }
    }

    private static func start(
        _ arguments: [String], passing descriptor: Int32, messages: Int32
    ) throws(Errno) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        let attributes = UnsafeMutablePointer<posix_spawnattr_t>.allocate(capacity: 1)
        // All of these keep copies of what they are passed, and the calls below free them again.
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(attributes)
            unsafe attributes.deallocate()
        }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for number in 1...2 as ClosedRange<Int32> {
            unsafe posix_spawn_file_actions_adddup2(&actions, messages, number)
        }
        unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, passedNumber)
        // Signals that this process ignores or blocks are no concern of the program's.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(attributes, &signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe sigaddset(&signals, SIGXFSZ)
        unsafe posix_spawnattr_setsigdefault(attributes, &signals)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        unsafe posix_spawnattr_setflags(attributes, Int16(flags))
        guard let name = arguments.first else { throw Errno(ENOENT) }
        var words: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) }
        unsafe words.append(nil)
        defer { unsafe words.forEach { unsafe free($0) } }
        var process: pid_t = 0
        // The words end with zeros and their list with nil, as does the environment.
        let failure = unsafe posix_spawnp(
            &process, name, &actions, attributes, words, linux_environment())
        guard failure == 0 else { throw Errno(failure) }
        return process
    }
}
