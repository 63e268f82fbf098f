#if Uhyve
    import Programs
    import Tender
    import Testing

    @testable import Uhyve

    @Suite struct UhyveLineTests {
        private func parse(
            _ arguments: [String], environment: [String] = []
        ) throws(CommandError) -> UhyveLine {
            var line = try UhyveLine(arguments.map { Argument($0) }[...])
            try line.addVariables(environment.map { Array($0.utf8) })
            return line
        }

        /// "name=value" for each.
        private func options(_ line: UhyveLine) -> [String] {
            line.options.map { "\($0.option.name)=\($0.value)" }
        }

        @Test(arguments: [
            (["-m", "1GiB", "-c", "2", "K"], ["memory-size=1GiB", "cpu-count=2"]),
            (["-m1GiB", "-c2", "K"], ["memory-size=1GiB", "cpu-count=2"]),
            (["-m=1GiB", "-c=2", "K"], ["memory-size=1GiB", "cpu-count=2"]),
            (["--memory-size=64 MiB", "--", "K"], ["memory-size=64 MiB"]),
            (
                ["--memory-size", "512M", "--cpu-count", "4", "K"],
                ["memory-size=512M", "cpu-count=4"]
            ),
            (["-vc2", "K"], ["verbose=", "cpu-count=2"]),
            (["-vv", "-v", "K"], ["verbose=", "verbose=", "verbose="]),
            (
                ["-e", "A=b=c", "-eB=", "--env-vars=host", "K"],
                ["env-vars=A=b=c", "env-vars=B=", "env-vars=host"]
            ),
            (["-n", "tap", "K"], ["net=tap"]),
            (["--net=tap:br-0:1", "K"], ["net=tap:br-0:1"]),
            (
                ["--file-mapping=a:b:ro", "--file-mapping", "c:d", "K"],
                ["file-mapping=a:b:ro", "file-mapping=c:d"]
            ),
            (["--tempdir", "/x y", "-o", "none", "K"], ["tempdir=/x y", "output=none"]),
            (["--no-aslr", "--stats", "--pit", "K"], ["no-aslr=", "stats=", "pit="]),
            (
                ["--thp", "--ksm", "--cpu-pm", "--io-mode", "host=direct", "K"],
                ["thp=", "ksm=", "cpu-pm=", "io-mode=host=direct"]
            ),
            (["-a0,2,4-7", "K"], ["affinity=0,2,4-7"]), (["-a", "1", "K"], ["affinity=1"]),
            (
                ["--file-isolation=none", "--hermit-image-mode=external", "K"],
                ["file-isolation=none", "hermit-image-mode=external"]
            ),
        ])
        func `options and their values`(arguments: [String], expected: [String]) throws {
            let line = try parse(arguments)
            #expect(options(line) == expected)
            #expect(line.kernel == Argument("K"))
            #expect(line.arguments.isEmpty)
        }

        @Test(arguments: [
            (["K"], []),
            (["K", "a", "", "-"], ["a", "", "-"]),
            (["K", "--", "-freq", "1", "--", "x", "--"], ["-freq", "1", "--", "x", "--"]),
            (["K", "--", "--help"], ["--help"]), (["K", "--", "--", "a"], ["--", "a"]),
            (["K", "--", "a"], ["a"]), (["K", "a", "--", "b"], ["a", "b"]), (["K", "--"], []),
            (["--", "K", "--", "a"], ["--", "a"]),
            (["--", "K", "a", "--", "b"], ["a", "--", "b"]),
            (["--stats", "--", "K", "--stats"], ["--stats"]),
            (["K", "--stats", "a", "-c", "2", "--", "-c"], ["a", "-c"]),
        ])
        func `the first two dashes end the options and are dropped`(
            arguments: [String], expected: [String]
        ) throws {
            let line = try parse(arguments)
            #expect(line.kernel == Argument("K"))
            #expect(Array(line.arguments) == expected.map { Argument($0) })
        }

        @Test(arguments: [
            (["K", "-c", "2"], ["cpu-count=2"]),
            (["K", "a", "-m=1GiB", "b"], ["memory-size=1GiB"]),
            (["-c2", "K", "--stats", "--", "-m1G"], ["cpu-count=2", "stats="]),
            (
                ["K", "--env_vars", "A=b", "--file_mapping=a:b"],
                ["env-vars=A=b", "file-mapping=a:b"]
            ),
            (["-o", "-", "K"], ["output=-"]),
            (["--file-isolation=Strict", "K"], ["file-isolation=Strict"]),
            (["K", "--io-mode", "host=Direct, sync"], ["io-mode=host=Direct, sync"]),
            (["K", "--io-mode=default"], ["io-mode=default"]),
            (["K", "--hermit-image-mode", "INTERNAL"], ["hermit-image-mode=INTERNAL"]),
            (["K", "-m1.5GiB", "-a", "0 1"], ["memory-size=1.5GiB", "affinity=0 1"]),
        ])
        func `options can be anywhere, and values in any case`(
            arguments: [String], expected: [String]
        ) throws {
            let line = try parse(arguments)
            #expect(options(line) == expected && line.kernel == Argument("K"))
        }

        @Test(arguments: [
            ([], "no KERNEL given: uhyve [OPTIONS] KERNEL [ARGS]"),
            (["--stats"], "no KERNEL given: uhyve [OPTIONS] KERNEL [ARGS]"),
            (["--"], "no KERNEL given: uhyve [OPTIONS] KERNEL [ARGS]"),
            (["--stat", "K"], "unknown option --stat: did you mean --stats?"),
            (
                ["--memory-sice=1G", "K"],
                "unknown option --memory-sice: did you mean --memory-size?"
            ),
            (["--cpus=1", "K"], "unknown option --cpus: `uhyve --help` lists them"),
            (["-x", "K"], "unknown option -x: `uhyve --help` lists them"),
            (["-vx", "K"], "unknown option -x: `uhyve --help` lists them"),
            (["-xv", "K"], "unknown option -x in -xv: `uhyve --help` lists them"),
            (["K", "--foo"], "unknown option --foo: arguments for the guest follow `--`"),
            (["K", "--stat"], "unknown option --stat: did you mean --stats?"),
            (["K", "-freq"], "unknown option -f in -freq: arguments for the guest follow `--`"),
            (["--trace", "K"], "unknown option --trace: `uhyve --help` lists them"),
            (
                ["-m14M", "K"],
                "option -m: guest memory of 14 MiB: Hermit guests need a multiple of 2 MiB, "
                    + "at least 16 MiB"
            ),
            (["K", "-a"], "option -a needs a value: --affinity=LIST"),
            (["K", "--affinity="], "option --affinity needs a value: --affinity=LIST"),
            (["-m", "--stats", "K"], "option -m needs a value: --memory-size=SIZE"),
            (["--memory-size"], "option --memory-size needs a value: --memory-size=SIZE"),
            (["--output=", "K"], "option --output needs a value: --output=FILE|none"),
            (["-o", "", "K"], "option -o needs a value: --output=FILE|none"),
            (["--stats=1", "K"], "option --stats takes no value"),
            (["--stats", "--stats", "K"], "option --stats is given twice"),
            (["-c1", "--cpu-count=1", "K"], "option --cpu-count is given twice"),
            (["-m", "64X", "K"], "option -m: 64X is not a size such as 64MiB or 4G"),
            (["--memory-size=", "K"], "option --memory-size:  is not a size such as 64MiB or 4G"),
            (["-c", "0", "K"], "option -c: 0 is not a number above 0"),
            (["-c", "two", "K"], "option -c: two is not a number above 0"),
            (["-n", "user", "K"], "option -n: user is not tap or tap:IFACE"),
            (["-n", "tap:", "K"], "option -n: tap: is not tap or tap:IFACE"),
            (
                ["--file-isolation=off", "K"],
                "option --file-isolation: off is not none|normal|strict"
            ),
            (["--io-mode=file", "K"], "option --io-mode: file is not host[=direct|=sync]"),
            (
                ["--hermit-image-mode=both", "K"],
                "option --hermit-image-mode: both is not external|internal"
            ),
            (["--affinity", "-c2", "K"], "option --affinity needs a value: --affinity=LIST"),
            (["-sx", "K"], "option -s: x is not a port, 0 to 65535"),
            (["--gdb-port=65536", "K"], "option --gdb-port: 65536 is not a port, 0 to 65535"),
            (["--config=", "K"], "option --config needs a value: --config=FILE"),
            (["--config=a", "--config=b", "K"], "option --config is given twice"),
            (
                ["--trace-dir", "x", "K"],
                "option --trace-dir is not supported: use --stats, or `pinnace run --trace=FILE`"
            ),
        ])
        func `attack 23: uhyve options that are none`(arguments: [String], line: String) {
            #expect(throws: CommandError.usage(line)) { try parse(arguments) }
        }

        @Test func `values that are not text`() {
            for arguments in [
                [Argument("-o"), Argument(bytes: [0xFF])],
                [Argument(bytes: Array("-o".utf8) + [0xFF])],
                [Argument(bytes: Array("--output=".utf8) + [0xFF])],
            ] {
                #expect(throws: CommandError.self) {
                    try UhyveLine(arguments[...] + [Argument("K")])
                }
            }
        }

        @Test(arguments: [
            (["-h"], UhyveLine.Wish.help), (["--help", "--bogus"], .help), (["-V"], .version),
            (["--version"], .version), (["--stats", "-vh", "x"], .help),
        ])
        func `texts that can be asked for`(arguments: [String], wish: UhyveLine.Wish) throws {
            #expect(try parse(arguments).wish == wish)
        }

        @Test(arguments: [
            (
                ["HERMIT_MEMORY_SIZE=1GiB", "HERMIT_CPU_COUNT=3"],
                ["memory-size=1GiB", "cpu-count=3"]
            ),
            (["XHERMIT_MEMORY_SIZE=x", "HERMIT_MEMORY_SIZE_=x", "HERMIT_CPU_COUNT"], []),
        ])
        func `variables stand for options`(environment: [String], expected: [String]) throws {
            #expect(options(try parse(["K"], environment: environment)) == expected)
        }

        @Test func `options prevail over variables`() throws {
            let line = try parse(
                ["-m", "64M", "-c1", "K"],
                environment: ["HERMIT_MEMORY_SIZE=junk", "HERMIT_CPU_COUNT=0"])
            #expect(options(line) == ["memory-size=64M", "cpu-count=1"])
        }

        @Test(arguments: [
            (
                "HERMIT_MEMORY_SIZE=junk",
                "HERMIT_MEMORY_SIZE: junk is not a size such as 64MiB or 4G"
            ),
            ("HERMIT_CPU_COUNT=", "HERMIT_CPU_COUNT:  is not a number above 0"),
            ("HERMIT_GDB_PORT=", "HERMIT_GDB_PORT:  is not a port, 0 to 65535"),
            ("HERMIT_CONFIG=", "HERMIT_CONFIG needs a value: --config=FILE"),
        ])
        func `what is wrong with a variable`(variable: String, line: String) {
            #expect(throws: CommandError.usage("environment variable \(line)")) {
                try parse(["K"], environment: [variable])
            }
        }

        @Test(arguments: [
            (["K"], true), (["-v", "-m1G", "-c2", "--thp", "--ksm", "--pit", "K"], true),
            (["--stats", "K"], false), (["-e", "A=", "K"], false), (["--no-aslr", "K"], false),
        ])
        func `whether it may be meant for version 0.2.1`(
            arguments: [String], isOld: Bool
        ) throws {
            #expect(try parse(arguments).isOld == isOld)
        }

        @Test func `the module has what is passed to it`() {
            for option in UhyveOption.all {
                let name: String
                switch option.meaning {
                case .passed(let target), .number(let target), .list(let target),
                    .choice(let target, _):
                    name = target
                case .network: name = "net"
                case .memory, .debugger, .configuration, .idle, .refused: continue
                }
                let known = UhyveModule.manifest.options.first { $0.name == name }
                #expect(known != nil, "\(name)")
                #expect(known?.takesDevice == false)
                #expect((known?.valueName == nil) == (option.valueName == nil), "\(name)")
                #expect(known?.isRepeatable == option.isRepeatable, "\(name)")
                #expect(UhyveOption.passing(name)?.name == option.name)
            }
        }

        @Test(arguments: [
            (["-s", "K"], "6677"), (["-s1234", "K"], "1234"), (["-s", "1234", "K"], "1234"),
            (["--gdb-port", "K"], "6677"), (["--gdb-port=0", "K"], "0"),
        ])
        func `a debugger is awaited on a port`(arguments: [String], port: String) throws {
            let options = try parse(arguments).debuggerOptions
            #expect(
                options == [
                    OptionValue(name: "gdb"), OptionValue(name: "gdb-port", value: port),
                ])
            #expect(try parse(["K"]).debuggerOptions == [])
        }

        @Test(arguments: [
            (["--output=None"], "none"), (["-oNONE"], "NONE"),
            (["--hermit-image-mode=Internal"], "internal"),
        ])
        func `values in the module's words`(arguments: [String], value: String) throws {
            #expect(try parse(arguments + ["K"]).options.first?.passedValue == value)
        }

        @Test(arguments: [
            ("", false, false), ("RUST_LOG=", false, false), ("RUST_LOG=warn", false, false),
            ("RUST_LOG=off", true, false), ("RUST_LOG=Error", true, false),
            ("RUST_LOG=debug", false, true), ("RUST_LOG=uhyvelib=TRACE", false, true),
            ("RUST_LOG=uhyvelib", false, true), ("RUST_LOG=error,uhyve=info", false, true),
            ("RUST_LOG=error,uhyve=warn", false, false),
        ])
        func `what a log is asked for`(variable: String, isQuiet: Bool, asksForMore: Bool) {
            let log = LogRequest([Array(variable.utf8)])
            #expect(log.isQuiet == isQuiet && log.asksForMore == asksForMore)
        }

        @Test func `no option is there twice`() {
            let all = UhyveOption.all + [UhyveOption.help, UhyveOption.version]
            #expect(Set(all.map(\.name)).count == all.count)
            let letters = all.compactMap(\.letter)
            #expect(Set(letters).count == letters.count)
        }
    }
#endif
