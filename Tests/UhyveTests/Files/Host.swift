#if Uhyve
    import CLinux
    import Linux
    import Synchronization
    import Tender

    /// The result of a system call that a test itself needs.
    @discardableResult
    func must(_ result: Int32) throws -> Int32 {
        guard result != -1 else { throw Errno.current }
        return result
    }

    extension OptionValue {
        static func mapping(_ text: String) -> OptionValue {
            OptionValue(name: "file-mapping", value: text)
        }
    }

    /// Two directories side by side: one to map, and one that the guest must never reach. They
    /// vanish with their last user.
    final class Sandbox: Sendable {
        let path: String
        var inside: String { path("inside") }
        var outside: String { path("outside") }
        static let secret = "secret"

        init() throws {
            var template = Array("/tmp/pinnace-XXXXXX".utf8CString)
            // mkdtemp fills in the template, which stays alive meanwhile.
            guard mkdtemp(&template) != nil else { throw Errno.current }
            path = String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
            for name in ["inside", "outside", "outside/sub"] { try makeDirectory(name) }
            try write(Self.secret, to: "outside/file")
            try write(Self.secret, to: "outside/sub/file")
        }

        deinit {
            guard let directory = try? FileDescriptor.open(path, O_RDONLY) else { return }
            Self.empty(directory)
            rmdir(path)
        }

        private static func empty(_ directory: borrowing FileDescriptor) {
            while true {
                guard let names = try? directory.entries(room: 1 << 16).names else { return }
                if names.isEmpty { return }
                for name in names {
                    if (try? directory.remove(name)) != nil { continue }
                    if name == Array("..".utf8) || name == Array(".".utf8) { continue }
                    do {
                        empty(
                            try directory.open(
                                beneath: name, O_RDONLY | O_DIRECTORY, reach: .noLinks))
                        let name = try SealedName(name)
                        try directory.removeDirectory(name)
                    } catch {}
                }
            }
        }

        func path(_ name: String) -> String { "\(path)/\(name)" }

        func makeDirectory(_ name: String) throws { try must(mkdir(path(name), 0o755)) }
        func makeFIFO(_ name: String) throws { try must(mkfifo(path(name), 0o666)) }
        func link(_ name: String, to target: String) throws {
            try must(symlink(target, path(name)))
        }

        func write(_ text: String, to name: String) throws {
            let flags = O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC
            let file = try FileDescriptor(owning: must(linux_open(path(name), flags, 0o644)))
            let bytes = Array(text.utf8)
            guard CLinux.write(file.number, bytes, bytes.count) == bytes.count else {
                throw Errno.current
            }
        }

        func read(_ name: String) throws -> String {
            let file = try FileDescriptor.open(path(name), O_RDONLY)
            return String(decoding: try file.read(at: 0, count: 1 << 16), as: UTF8.self)
        }

        func exists(_ name: String) -> Bool {
            access(path(name), F_OK) == 0
        }

        func listing(_ name: String) throws -> [String] {
            let descriptor = try FileDescriptor.open(path(name), O_RDONLY | O_DIRECTORY)
            var names: [String] = []
            while true {
                let more = try descriptor.entries(room: 1 << 16).names
                if more.isEmpty { return names.filter { $0 != "." && $0 != ".." }.sorted() }
                names += more.map { String(decoding: $0, as: UTF8.self) }
            }
        }

        /// Whether the outside is as it was.
        var isIntact: Bool {
            get throws {
                try listing("outside") == ["file", "sub"]
                    && listing("outside/sub") == ["file"]
                    && read("outside/file") == Self.secret
                    && read("outside/sub/file") == Self.secret
            }
        }
    }

    /// Something that goes on beside a test, on a thread of its own.
    struct Companion: ~Copyable {
        private let thread: Thread
        private let isOver: Flip

        /// - Parameter step: done once, or over and over until `join`.
        init(repeats: Bool = true, _ step: @escaping @Sendable () -> Void) throws {
            let isOver = Flip()
            self.isOver = isOver
            thread = try Thread.start {
                repeat { step() } while repeats && !isOver.isSet
            }
        }

        consuming func join() {
            isOver.set()
            thread.join()
        }

        private final class Flip: Sendable {
            private let state = Atomic(false)
            var isSet: Bool { state.load(ordering: .relaxed) }
            func set() { state.store(true, ordering: .relaxed) }
        }
    }
#endif
