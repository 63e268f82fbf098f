#if Uhyve
    import CommandsSupport
    import Foundation
    import Programs
    import Tender
    import TestSupport
    import Testing

    @testable import Uhyve

    @Suite struct UhyveProgramTests {
        private let record = HermitRecord()
        private let new: GuestFile
        private let old: GuestFile

        init() throws {
            new = try GuestFile(.markedHermit())
            old = try GuestFile(.markedHermit(hasTag: false))
        }

        private func uhyve(
            _ arguments: String..., environment: [String] = [], modules: [RegisteredModule]? = nil
        ) -> Reply {
            call(
                "/opt/bin/uhyve", arguments.map { Argument($0) },
                modules: modules ?? FakeModule.all + [record.module], environment: environment,
                personas: [UhyvePersona()])
        }

        private func pinnace(_ arguments: String..., modules: [RegisteredModule] = []) -> Reply {
            call(
                "/usr/bin/pinnace", arguments.map { Argument($0) }, modules: modules,
                personas: [UhyvePersona()])
        }

        @Test func `options in the module's words`() throws {
            record.status = 200
            let reply = uhyve(
                "-m", "1GiB", "-vc", "2", "-e", "A=b", "-e", "host", "--net=tap:tap3", "--stats",
                "--file-mapping", "x:/y:ro", "--tempdir", "/t", "-o", "none", "--pit",
                "--file-isolation", "strict", "--thp", new.path, "--no-aslr", "--",
                "-freq", "--", "-m")
            #expect(reply == Reply(status: 200))
            let request = try #require(record.request)
            #expect(record.paths == [new.path])
            #expect(request.memory == 1 << 30)
            #expect(
                request.options.map(\.text) == [
                    "--cpus=2", "--env=A=b", "--env=host", "--net=tap3", "--stats",
                    "--file-mapping=x:/y:ro", "--temporary-directory=/t", "--output=none",
                    "--pit", "--thp", "--no-aslr",
                ])
            let arguments = request.arguments.map { String(decoding: $0, as: UTF8.self) }
            #expect(arguments == ["-freq", "--", "-m"])
        }

        @Test(arguments: [
            ([], "/tmp"), (["TMPDIR=/var/x"], "/var/x"), (["TMPDIR="], "/tmp"),
        ])
        func `files in no mapping go to a temporary directory`(
            environment: [String], path: String
        ) {
            #expect(uhyve(new.path, environment: environment).status == 0)
            #expect(
                record.request?.options
                    == [OptionValue(name: "temporary-directory", value: path)])
            #expect(record.request?.memory == nil)
        }

        @Test func `variables count`() {
            let environment = ["HERMIT_MEMORY_SIZE=128MiB", "HERMIT_CPU_COUNT=3"]
            #expect(uhyve(new.path, environment: environment).status == 0)
            #expect(record.request?.memory == 128 << 20)
            #expect(record.request?.options.first == OptionValue(name: "cpus", value: "3"))
        }

        @Test func `whom our environment is passed to`() {
            let host = OptionValue(name: "env", value: "host")
            for (guest, arguments, isPassed) in [
                (old, [], true), (old, ["-v", "-c", "2"], true), (old, ["--stats"], false),
                (old, ["-e", "A=b"], false), (new, [], false), (new, ["-v"], false),
            ] as [(GuestFile, [String], Bool)] {
                record.requests = []
                let reply = call(
                    "uhyve", (arguments + [guest.path]).map { Argument($0) },
                    modules: [record.module], environment: ["SECRET=x"],
                    personas: [UhyvePersona()])
                #expect(reply == Reply(status: 0))
                #expect(record.request?.options.contains(host) == isPassed, "\(arguments)")
            }
            // Nothing of the kind with our own command line.
            record.requests = []
            #expect(pinnace("run", old.path, modules: [record.module]).status == 0)
            #expect(record.request?.options == [])
        }

        @Test func `usage errors are status 2`() {
            #expect(
                uhyve("--stat", new.path)
                    == Reply(
                        status: 2, error: "uhyve: unknown option --stat: did you mean --stats?\n"))
            #expect(uhyve().status == 2)
            #expect(uhyve(new.path, environment: ["HERMIT_CPU_COUNT=many"]).status == 2)
            #expect(record.requests.isEmpty)
        }

        @Test func `failures of the tender are status 1`() {
            let missing = uhyve("/nonexistent/kernel")
            #expect(missing.status == 1)
            #expect(missing.error.hasPrefix("uhyve: /nonexistent/kernel: Could not open: "))
            record.failure = .failed("it fell over")
            #expect(uhyve(new.path) == Reply(status: 1, error: "uhyve: it fell over\n"))
            record.failure = .module(
                ModuleError("too many", option: OptionValue(name: "cpus", value: "99")))
            record.warning = "careful"
            #expect(
                uhyve("-c99", new.path)
                    == Reply(
                        status: 1,
                        error: "uhyve: careful\nuhyve: option --cpu-count=99: too many\n"))
        }

        @Test func `a module's objection is about the option as it was written`() {
            record.failure = .module(
                ModuleError("it is down", option: OptionValue(name: "net", value: "tap10")))
            #expect(
                uhyve("-n", "tap", new.path).errorLines == [
                    "uhyve: option --net=tap:tap10: it is down"
                ])
        }

        @Test func `affinities that do not fit are usage errors`() {
            record.failure = .module(
                ModuleError("too few", option: OptionValue(name: "affinity", value: "0")))
            #expect(
                uhyve(new.path, "-c2", "-a", "0")
                    == Reply(status: 2, error: "uhyve: option --affinity=0: too few\n"))
        }

        @Test func `a log that is asked for`() {
            record.warning = "careful"
            #expect(uhyve(new.path, environment: ["RUST_LOG=off"]) == Reply(status: 0))
            #expect(
                uhyve(new.path, environment: ["RUST_LOG=debug"]).errorLines == [
                    "uhyve: environment variable RUST_LOG: no more is logged than warnings; "
                        + "see --stats", "uhyve: careful",
                ])
        }

        @Test func `without the module`() {
            let reply = Reply(
                status: 1,
                error: "uhyve: this pinnace was built without module uhyve (trait Uhyve)\n")
            #expect(uhyve(new.path, modules: FakeModule.all) == reply)
            #expect(call("uhyve", [Argument(new.path)]) == reply)
            #expect(call("pinnace", ["--as", "uhyve", "-h"].map { Argument($0) }) == reply)
        }

        @Test func `help and version are results`() {
            let version = uhyve("--version")
            #expect(version == Reply(status: 0, output: "uhyve 0.9.1 (pinnace 0.1.0)\n"))
            #expect(version == uhyve("-V"))
            let help = uhyve("-h")
            #expect(help == uhyve("--help"))
            #expect(help.status == 0)
            #expect(help.error == "")
            #expect(help.output.hasPrefix("usage: uhyve [OPTIONS] KERNEL [ARGS]\n"))
            for option in UhyveOption.all + [UhyveOption.help, UhyveOption.version] {
                #expect(
                    help.output.contains(
                        "--\(option.name)\(option.valueName.map { "=\($0)" } ?? "")"))
                if let letter = option.letter {
                    #expect(
                        help.output.contains(
                            "  -\(Character(Unicode.Scalar(letter))), --\(option.name)"))
                }
                if let variable = option.variable { #expect(help.output.contains(variable)) }
            }
            #expect(help.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
        }

        @Test func `pinnace can stand for it`() {
            #expect(pinnace("--as", "uhyve", "--version") == uhyve("--version"))
            #expect(pinnace("--as=uhyve", "-V") == uhyve("--version"))
            #expect(pinnace("--as", "uhyve").status == 2)
            #expect(pinnace("--as", "uhyve", "-c2", new.path, modules: [record.module]).status == 0)
            #expect(record.request?.options.first == OptionValue(name: "cpus", value: "2"))
        }
    }
#endif
