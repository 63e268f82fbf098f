import Foundation

/// What posix_spawn(3) is to do between fork and exec.
struct SpawnPlan {
    /// Held while a child begins, and while there are descriptors that it must not inherit.
    static let lock = NSLock()

    /// The child's descriptors: under which number, and a copy of which.
    private var descriptors: [(number: Int32, source: Descriptor)] = []
    private var closed: [Int32] = []

    /// Connects the child's descriptor `number`.
    ///
    /// - Returns: our end, if it is a pipe.
    @discardableResult
    mutating func connect(_ stream: ChildProcess.Stream, to number: Int32) throws -> Descriptor? {
        switch stream {
        case .pipe:
            let (reader, writer) = try Descriptor.pipe()
            let (ours, theirs) = number == 0 ? (writer, reader) : (reader, writer)
            try withExtendedLifetime(theirs) { try add(theirs.number, as: number) }
            return ours
        case .null:
            let null = try Descriptor(opening: "/dev/null", O_RDWR)
            try withExtendedLifetime(null) { try add(null.number, as: number) }
        case .closed:
            closed.append(number)
        case .descriptor(let source):
            try add(source, as: number)
        }
        return nil
    }

    /// Keeps a copy above all numbers that a child gets, so that none is overwritten before its
    /// turn has come.
    private mutating func add(_ source: Int32, as number: Int32) throws {
        let copy = try attempt { fcntl(source, F_DUPFD_CLOEXEC, 200) }
        descriptors.append((number, Descriptor(owning: copy)))
    }

    /// The descriptors that this process has open, be they close-on-exec or not.
    private static func open() throws -> [Int32] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap(Int32.init)
    }

    func spawn(
        _ path: String, _ arguments: [String], _ environment: [String: String]?
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, source) in descriptors {
            posix_spawn_file_actions_adddup2(&actions, source.number, number)
        }
        let wanted = Set(descriptors.map { $0.number })
        for number in try Self.open() + closed where !wanted.contains(number) {
            posix_spawn_file_actions_addclose(&actions, number)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let environment = environment ?? ProcessInfo.processInfo.environment
        let argv = CStrings([path] + arguments)
        let envp = CStrings(environment.map { "\($0.key)=\($0.value)" })
        var id: pid_t = 0
        let result = Self.lock.withLock {
            posix_spawn(&id, path, &actions, &attributes, argv.pointers, envp.pointers)
        }
        guard result == 0 else { throw SystemCallError(code: result) }
        return id
    }
}

/// A NULL-terminated array of C strings.
private final class CStrings {
    let pointers: [UnsafeMutablePointer<CChar>?]

    init(_ strings: [String]) {
        pointers = strings.map { strdup($0) } + [nil]
    }

    deinit {
        for pointer in pointers { free(pointer) }
    }
}
