#if Uhyve
    import Foundation
    import Programs
    import Tender
    import TestSupport
    import Testing

    @testable import Uhyve

    /// What configuration files of `uhyve` say, and what the command line makes of it.
    @Suite struct UhyveConfigurationTests {
        private let directory: TemporaryDirectory

        init() throws {
            directory = try TemporaryDirectory()
        }

        /// The options of a command line with this configuration, and warnings.
        private func options(
            _ configuration: String, _ arguments: [String] = []
        ) throws -> (options: [String], warnings: [String]) {
            let path = try directory.write(Array(configuration.utf8), to: "c")
            let all = ["--config", path] + arguments + ["K"]
            var line = try UhyveLine(all.map { Argument($0) }[...])
            var warnings: [String] = []
            try line.addConfiguration([]) {
                warnings.append($0.replacingOccurrences(of: path, with: "c"))
            }
            let texts = line.options.filter { $0.option.name != "config" }
                .map { $0.option.name + ($0.option.valueName == nil ? "" : "=\($0.value)") }
            return (texts, warnings)
        }

        private func failure(_ configuration: String) -> CommandError? {
            do {
                _ = try options(configuration)
                return nil
            } catch {
                guard let failure = error as? CommandError else { return nil }
                return CommandError(
                    lines: failure.lines.map {
                        $0.replacingOccurrences(of: directory.path("c"), with: "c")
                    }, isUsage: failure.isUsage)
            }
        }

        @Test func `all that there is`() throws {
            let found = try options(
                """
                [uhyve]
                output = "none"
                stats = true
                tempdir = '/t'
                hermit_image_mode = "external"
                file_isolation = "strict"
                io_mode = "host=direct"
                gdb_port = 1
                [memory]
                memory_size = '100MiB'
                no_aslr = true
                thp = true
                ksm = false
                [cpu]
                cpu_count = 4
                cpu_pm = true
                affinity = [1, 2, 3, 4]
                pit = true
                [guest]
                env_vars = ['foo=bar', "A=b"]
                """)
            #expect(
                found.options == [
                    "output=none", "stats", "tempdir=/t", "hermit-image-mode=external",
                    "file-isolation=strict", "io-mode=host=direct", "gdb-port=1",
                    "memory-size=100MiB", "no-aslr", "thp", "cpu-count=4", "cpu-pm",
                    "affinity=1,2,3,4", "pit", "env-vars=foo=bar", "env-vars=A=b",
                ])
            #expect(found.warnings == [])
            #expect(
                try options("memory.memory_size = 67108864").options == ["memory-size=67108864"])
            #expect(try options("cpu.affinity = '0-1,2'").options == ["affinity=0-1,2"])
        }

        @Test func `the command line prevails`() throws {
            let text = "cpu = {cpu_count = 4, pit = true}\nguest.env_vars = ['A=file', 'B=file']"
            #expect(
                try options(text, ["-c2", "-e", "A=own"]).options == [
                    "pit", "env-vars=A=file", "env-vars=B=file", "cpu-count=2", "env-vars=A=own",
                ])
        }

        @Test func `what is not known is passed over, and said`() throws {
            let found = try options(
                #"""
                top = 1
                [guests]
                [uhyve]
                net = 'tap'
                file_mapping = ['a:b']
                config = 'x'
                state = true
                "\u001b[2J" = 1
                stats = true
                """#)
            #expect(found.options == ["stats"])
            #expect(
                found.warnings == [
                    "c, line 1: [top] is unknown, and not used",
                    "c, line 2: [guests] is unknown, and not used: did you mean [guest]?",
                    "c, line 4: [uhyve] net can't be here, and is not used",
                    "c, line 5: [uhyve] file_mapping can't be here, and is not used",
                    "c, line 6: [uhyve] config can't be here, and is not used",
                    "c, line 7: [uhyve] state is unknown, and not used: did you mean stats?",
                    "c, line 8: [uhyve] \\x1b[2J is unknown, and not used",
                ])
        }

        @Test(arguments: [
            ("cpu = 1", "c, line 1: cpu is not a table"),
            ("[cpu]\ncpu_count = '2'", "c, line 2: [cpu] cpu_count is not a whole number"),
            ("[cpu]\ncpu_count = -2", "c, line 2: [cpu] cpu_count is not a whole number"),
            ("[cpu]\ncpu_count = 0", "c, line 2: [cpu] cpu_count: 0 is not a number above 0"),
            ("[uhyve]\nstats = 1", "c, line 2: [uhyve] stats is not true or false"),
            ("[uhyve]\ngdb_port = 65536", "c, line 2: [uhyve] gdb_port: 65536 is not a port"),
            ("[uhyve]\noutput = ''", "c, line 2: [uhyve] output needs a value"),
            ("[memory]\nmemory_size = 1.5", "c, line 2: [memory] memory_size is not a string"),
            ("[guest]\nenv_vars = 'A=b'", "c, line 2: [guest] env_vars is not an array of strings"),
            ("[cpu]\naffinity = ['1']", "c, line 2: [cpu] affinity is not a string"),
            ("[cpu]\n[cpu]", "c, line 2: table [cpu] is there twice"),
            (
                "'\u{A0}\u{202E}' = 1\n\"\\u00a0\u{202E}\" = 1",
                "c, line 2: \u{A0}\\u{202e} is there"
            ),
        ])
        func `what is wrong with it`(configuration: String, line: String) {
            let failure = failure(configuration)
            #expect(failure?.isUsage == false)
            #expect(failure?.lines.first?.hasPrefix(line) == true, "\(failure?.lines ?? [])")
        }

        private func count(_ path: String) throws -> String? {
            var line = try UhyveLine([Argument("--config=\(path)"), Argument("K")])
            try line.addConfiguration([]) { _ in }
            return line.options.first { $0.option.name == "cpu-count" }?.value
        }

        /// A pipe that a script writes to.
        private func piped(_ script: String) throws -> (Descriptor, ChildProcess) {
            let (reader, writer) = try Descriptor.pipe()
            return try withExtendedLifetime(writer) {
                (
                    reader,
                    try ChildProcess(
                        "/bin/sh", ["-c", script], out: .descriptor(writer.number))
                )
            }
        }

        @Test func `one that another program writes is waited for`() throws {
            // As a shell's <(command) makes it.
            let (reader, child) = try piped("echo [cpu]; sleep 0.3; echo cpu_count = 3")
            let found = try withExtendedLifetime((reader, child)) {
                try count("/dev/fd/\(reader.number)")
            }
            #expect(found == "3")
            let path = try directory.makeFIFO("fifo")
            let other = try ChildProcess(
                "/bin/sh", ["-c", "sleep 0.3; echo cpu.cpu_count = 4 >'\(path)'"])
            #expect(try count(path) == "4")
            #expect(try other.wait().status == 0)
        }

        @Test func `but not for ever`() throws {
            let path = try directory.makeFIFO("fifo")
            let error = #expect(throws: CommandError.self) { try count(path) }
            #expect(
                error?.lines.first?.hasSuffix("Could not read: no process writes to it") == true)
        }
    }
#endif
