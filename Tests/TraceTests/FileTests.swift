#if Trace
    import CLinux
    import Linux
    import Rules
    import TestSupport
    import Testing

    @testable import Tender
    @testable import Trace

    /// The file that a launch records in.
    @Suite struct FileTests {
        private let directory: TemporaryDirectory

        init() throws {
            directory = try TemporaryDirectory()
        }

        private func observation(
            _ options: [OptionValue], isRehearsal: Bool = false, kind: String = "Solo5"
        ) throws -> Observation {
            var observation = Observation(
                options: options, kind: kind, isRehearsal: isRehearsal)
            try TraceModule().observe(&observation)
            return observation
        }

        private func trace(_ path: String, size: String = "1") -> [OptionValue] {
            [OptionValue(name: "trace", value: path), OptionValue(name: "trace-size", value: size)]
        }

        @Test("It is ours alone, and has all of its room")
        func made() throws {
            let path = directory.path("trace")
            try withExtendedLifetime(try observation(trace(path))) {
                var status = stat()
                try attempt { stat(path, &status) }
                #expect(status.st_mode & 0o7777 == 0o600)
                #expect(status.st_size == 1 << 20 && status.st_blocks * 512 >= 1 << 20)
            }
        }

        @Test("What was there is replaced")
        func replaced() throws {
            try directory.write([UInt8](repeating: 0xAA, count: 3 << 20), to: "trace")
            _ = try observation(trace(directory.path("trace")))
            #expect(try directory.read("trace") == [UInt8](repeating: 0, count: 1 << 20))
        }

        @Test("Nothing but a regular file that nobody else writes a trace to")
        func refused() throws {
            try directory.write([], to: "file")
            try attempt { symlink(directory.path("file"), directory.path("link")) }
            let cases = [
                (directory.path("link"), "Could not open: it is a symbolic link"),
                (directory.path, "Could not open: not a regular file"),
                (try directory.makeFIFO("pipe"), "Could not open: not a regular file"),
                ("/dev/null", "Could not open: not a regular file"),
                (directory.path("no/file"), "Could not open: No such file or directory"),
            ]
            for (path, text) in cases {
                for isRehearsal in [false, true] {
                    let error = #expect(throws: ModuleError.self) {
                        try observation(trace(path), isRehearsal: isRehearsal)
                    }
                    #expect(error?.text == text, "\(path)")
                }
            }
            #expect(try directory.read("file") == [])
            let first = try observation(trace(directory.path("file")))
            withExtendedLifetime(first) {
                let error = #expect(throws: ModuleError.self) {
                    try observation(trace(directory.path("file"), size: "2"))
                }
                #expect(error?.text == "Another pinnace writes its trace there")
            }
            #expect(try directory.read("file").count == 1 << 20)
        }

        @Test("A trial leaves nothing behind")
        func trial() throws {
            let path = directory.path("trace")
            let made = try observation(trace(path), isRehearsal: true)
            #expect(access(path, F_OK) == -1)
            #expect(made.tracer == nil)
        }

        @Test("Sizes", arguments: ["0", "1025", "-1", "x", "", "1k"])
        func sizes(size: String) throws {
            let error = #expect(throws: ModuleError.self) {
                try observation(trace(directory.path("trace"), size: size))
            }
            #expect(error?.text == "not a number from 1 to 1024")
            #expect(access(directory.path("trace"), F_OK) == -1)
        }

        @Test("A size without a trace")
        func sizeAlone() throws {
            let error = #expect(throws: ModuleError.self) {
                try observation([OptionValue(name: "trace-size", value: "1")])
            }
            #expect(error?.text == "there is no trace to limit")
        }

        @Test("Nothing is done unless it is asked for, and statistics of hvt guests only")
        func options() throws {
            #expect(try observation([]).tracer == nil)
            let stats = [OptionValue(name: "stats")]
            #expect(try observation(stats).tracer != nil)
            #expect(try observation(stats, kind: "Hermit").tracer == nil)
        }

        @Test("System calls: the clock's if it is asked for, and what lost room takes")
        func systemCalls() throws {
            func rules(_ options: [OptionValue]) throws -> [String] {
                let observation = try observation(options)
                var bindings = Bindings()
                bindings.add(observation.bindings)
                return bindings.rules(TraceModule.manifest.systemCalls, of: "trace")
                    .map { rule in
                        "\(rule.name) \(rule.arguments.map { "\($0.index)=\($0.value)" })"
                    }
            }
            #expect(try rules([]) == [])
            #expect(try rules([OptionValue(name: "stats")]) == [#"clock_gettime ["0=1"]"#])
            let path = directory.path("trace")
            // Memory in place of the file, should that lose its room: 1 MiB, to be read and written.
            let standIn = [#"mmap ["1=1048576", "2=3", "3=50"]"#, "rt_sigreturn []"]
            #expect(try rules(trace(path)) == [#"clock_gettime ["0=1"]"#] + standIn)
        }
    }
#endif
