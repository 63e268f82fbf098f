#if Uhyve
    import Linux
    import Manifests
    import TestSupport
    import Testing

    @testable import Tender
    @testable import Uhyve

    /// What the options of the module mean.
    @Suite struct HermitOptionTests {
        private func options(_ given: KeyValuePairs<String, String>) throws -> HermitOptions {
            try HermitOptions(given.map { OptionValue(name: $0, value: $1) })
        }

        private func environment(_ given: KeyValuePairs<String, String>) throws -> [String] {
            try options(given).environment.map { String(decoding: $0, as: UTF8.self) }
        }

        @Test func defaults() throws {
            let options = try options([:])
            #expect(options.cpuCount == 1 && options.environment.isEmpty)
            #expect(options.mappings.isEmpty && options.temporaryParent == nil)
            #expect(options.network == nil && options.isAddressRandom && !options.hasTimer)
            #expect(!options.showsStatistics && options.output == .standard)
            #expect(!options.prefersHugePages && !options.sharesEqualPages)
            #expect(options.affinity == nil)
        }

        @Test func values() throws {
            let options = try options([
                "cpus": "4", "file-mapping": "/a:/b", "file-mapping": "/c:/d:ro",
                "temporary-directory": "/tmp", "net": "tap0", "no-aslr": "", "stats": "",
                "output": "none", "pit": "", "thp": "", "ksm": "", "affinity": "0-1, 7 5",
            ])
            #expect(options.cpuCount == 4 && options.mappings.count == 2)
            #expect(options.temporaryParent == "/tmp" && options.network?.value == "tap0")
            #expect(!options.isAddressRandom && options.showsStatistics && options.hasTimer)
            #expect(options.output == .none)
            #expect(options.prefersHugePages && options.sharesEqualPages)
            #expect(options.affinity?.cpus == [0, 1, 7, 5])
        }

        @Test(arguments: ["", "0", "-1", "x", "4097", "1.5", "99999999999"])
        func badCounts(_ text: String) {
            #expect(throws: ModuleError.self) { try options(["cpus": text]) }
        }

        @Test func everyOptionIsKnown() throws {
            for specification in UhyveManifest.manifest.options
            where specification.name != "env-file" {
                let isNumber = ["cpus", "affinity"].contains(specification.name)
                let modes = ["hermit-image-mode": "external", "net-offload": "off"]
                let value = isNumber ? "1" : modes[specification.name] ?? "/a:/b"
                _ = try options([
                    specification.name: specification.valueName == nil ? "" : value
                ])
                #expect(specification.isNativeOnly && !specification.takesDevice)
            }
            #expect(throws: ModuleError.self) { try options(["block": "x"]) }
        }

        @Test(
            arguments: [
                ("0,1", "2 of the host's CPUs are named, and the guest has 3"),
                ("0-3", "4 of the host's CPUs are named, and the guest has 3"),
                ("0,1,1", "CPU 1 is named more than once"),
                ("0-1,1-2", "CPU 1-2 is named more than once"),
                ("", "'' is neither a CPU's number nor a range such as 4-7"),
                ("0,,1", "'' is neither a CPU's number nor a range such as 4-7"),
                ("2-0", "'2-0' is neither a CPU's number nor a range such as 4-7"),
                ("0-1-2", "'0-1-2' is neither a CPU's number nor a range such as 4-7"),
                ("-1", "'-1' is neither a CPU's number nor a range such as 4-7"),
                (
                    "0-4294967295",
                    "'0-4294967295' is neither a CPU's number nor a range such as 4-7"
                ),
            ])
        func badAffinities(_ list: String, _ text: String) {
            let error = #expect(throws: ModuleError.self) {
                try options(["affinity": list, "cpus": "3"]).check()
            }
            #expect(error?.text == text && error?.option?.name == "affinity")
        }

        /// The command line puts the option before it: once is enough.
        @Test(
            arguments: [
                ("cpus", "0", "not a number from 1 to 4096"),
                ("env", "=x", "the variable has no name"),
                ("env-file", "/dev/null/x", "Could not read: Not a directory"),
                ("file-mapping", "x", "not HOST:GUEST or HOST:GUEST:ro"),
                ("block", "x", "not for Hermit guests"),
            ])
        func messages(_ name: String, _ value: String, _ text: String) {
            let option = OptionValue(name: name, value: value)
            #expect(throws: ModuleError(text, option: option)) { try HermitOptions([option]) }
        }

        /// As help texts show them: two columns with two spaces before each.
        @Test func helpIsNotTooWide() {
            let forms = UhyveManifest.manifest.options.map { option in
                "--\(option.name)" + (option.valueName.map { "=\($0)" } ?? "")
            }
            let width = forms.map(\.utf8.count).max() ?? 0
            for option in UhyveManifest.manifest.options {
                #expect(4 + width + option.help.utf8.count <= 100, "\(option.name)")
            }
        }

        // MARK: Environment

        @Test func variables() throws {
            #expect(
                try environment(["env": "A=1", "env": "B=", "env": "C=d=e"]) == [
                    "A=1", "B=", "C=d=e",
                ])
            #expect(
                try environment(["env": "A=1", "env": "AB=2", "env": "A=3"]) == ["AB=2", "A=3"])
            #expect(throws: ModuleError.self) { try options(["env": "=x"]) }
        }

        @Test func variablesOfOurs() throws {
            let path = try #require(
                Environment.all.map { String(decoding: $0, as: UTF8.self) }.first {
                    $0.hasPrefix("PATH=")
                })
            #expect(try environment(["env": "PATH"]) == [path])
            #expect(try environment(["env": "PINNACE_THAT_NOBODY_SETS"]) == [])
            let all = try environment(["env": "host", "env": "PATH=x"])
            #expect(all.contains("PATH=x") && !all.contains(path))
            #expect(all.count == Environment.all.count)
        }

        @Test func files() throws {
            let directory = try TemporaryDirectory()
            let path = try directory.write(
                Array("A=1\n\n# none\nB=two words\nA=3\nC=".utf8), to: "environment")
            #expect(try environment(["env-file": path]) == ["B=two words", "A=3", "C="])
            for line in ["A", "=b", " "] {
                let path = try directory.write(Array("X=1\n\(line)\n".utf8), to: "bad")
                #expect(throws: ModuleError.self) { try options(["env-file": path]) }
            }
            #expect(throws: ModuleError.self) {
                try options(["env-file": directory.path("none")])
            }
        }

        @Test func filesThatAreNone() throws {
            let directory = try TemporaryDirectory()
            func failure(_ content: [UInt8]) throws -> String? {
                let path = try directory.write(content, to: "file")
                do {
                    _ = try options(["env-file": path])
                    return nil
                } catch {
                    return (error as? ModuleError)?.text
                }
            }
            // Nothing is left out in silence.
            let line = Array("A=\(String(repeating: "x", count: 1022))\n".utf8)
            let most = [[UInt8]](repeating: line, count: 1023).flatMap { $0 }
            #expect(most.count < OptionFile.limit)
            #expect(try failure(most) == nil)
            #expect(
                try failure(most + line) == "Could not read: it is longer than 1048576 bytes")
            #expect(try failure(Array("A=x\0y\n".utf8))?.contains("has a NUL byte") == true)
            let many = (0...4096).map { "V\($0)=" }.joined(separator: "\n")
            #expect(
                try failure(Array(many.utf8)) == "4097 variables: a file can have up to 4096")
        }

        // MARK: Plans

        private func plan(
            _ notes: Notes, _ request: (inout LaunchRequest) -> Void = { _ in }
        ) throws -> (HermitPlan, warnings: [String]) {
            let directory = try TemporaryDirectory()
            let path = try ELFBuilder.hermit(notes).write(to: directory)
            let warnings = CallGuest.Warnings()
            var given = LaunchRequest(
                program: "test", lock: .open, warn: { warnings.add($0) })
            request(&given)
            return (try HermitPlan(ImageFile(path: path), given), warnings.lines)
        }

        @Test func memory() throws {
            let (plan, warnings) = try plan(.v1)
            #expect(plan.layout.memory.upperBound - plan.layout.memory.lowerBound == 64 * mebibyte)
            #expect(warnings.isEmpty)
            let large = try self.plan(.v1) { $0.memory = 128 * mebibyte }.0.layout.memory
            #expect(large.upperBound - large.lowerBound == 128 * mebibyte)
            #expect(throws: TenderError.self) { try self.plan(.v1) { $0.memory = 3 * mebibyte } }
        }

        @Test func warnsOfTooManyArguments() throws {
            let many = [[UInt8]](repeating: [0x61], count: 128)
            #expect(try plan(.v1Legacy) { $0.arguments = many }.warnings.count == 1)
            #expect(try plan(.v1) { $0.arguments = many }.warnings.isEmpty)
            let long = [[UInt8](repeating: 0x61, count: 4000)]
            #expect(try plan(.v1) { $0.arguments = long }.warnings.count == 1)
            #expect(try plan(.v1Legacy) { $0.arguments = long }.warnings.isEmpty)
        }

        /// What kernels since interface version 2 die of at boot.
        @Test(
            arguments: [
                (14, 10, 32, 1, []), (15, 10, 1, 1, ["15 environment variables"]),
                (1, 1000, 1, 1, []), (1, 1001, 1, 1, ["an environment variable of 1001 bytes"]),
                (0, 0, 33, 1, ["33 arguments"]), (0, 0, 1, 1001, ["an argument of 1001 bytes"]),
                (0, 0, 32, 99, ["arguments and environment of 3202 bytes"]),
                (15, 1001, 33, 1, ["15 env", "33 arg", "an environment variable of 1001"]),
            ] as [(Int, Int, Int, Int, [String])])
        func warnsOfWhatCurrentKernelsDieOf(
            variables: Int, variableSize: Int, arguments: Int, argumentSize: Int,
            expected: [String]
        ) throws {
            for (notes, isCurrent) in [(Notes.v3, true), (.v2, true), (.v1, false)] {
                let warnings = try plan(notes) { request in
                    request.arguments =
                        [Array("--".utf8)]
                        + [[UInt8]](
                            repeating: [UInt8](repeating: 0x61, count: argumentSize),
                            count: arguments)
                    request.options = (10..<10 + variables).map { index in
                        OptionValue(
                            name: "env",
                            value: "V\(index)="
                                + String(repeating: "x", count: max(0, variableSize - 4)))
                    }
                }.warnings
                guard isCurrent else {
                    // As they take more, only all together can be too much.
                    #expect(warnings.allSatisfy { $0.contains("more than 3072") })
                    continue
                }
                #expect(warnings.count == expected.count, "\(warnings)")
                for (warning, start) in zip(warnings, expected) {
                    #expect(warning.hasPrefix(start), "\(warning)")
                }
            }
        }

        @Test func theModule() {
            let manifest = UhyveModule.manifest
            #expect(manifest.trait == "Uhyve" && manifest.name == "uhyve")
            #expect(
                manifest.hypercalls.contains {
                    $0.number == 0x1130 && $0.name == "FileRead" && $0.argumentSize == 32
                })
        }
    }

    @Suite struct StatisticsTests {
        @Test func table() {
            let counters = [ExitCounters(), ExitCounters()]
            for _ in 0..<12 { counters[0].count(.uart1) }
            counters[1].count(.uart1)
            counters[1].count(.fileRead2)
            counters[0].count(ExitKind.portRead)
            for counter in counters { (counter.start, counter.end) = (1000, 1_234_567_000) }
            let expected = """

                Run statistics:
                VM exits:
                                           total  cpu 0  cpu 1
                  PCIRead                      1      1      0
                  Hypercall(V1(Uart))         13     12      1
                  Hypercall(V2(FileRead))      1      0      1
                CPU runtimes:
                cpu 0: 1.234566s
                cpu 1: 1.234566s

                """
            #expect(Statistics.text(counters) == expected)
        }
    }
#endif
