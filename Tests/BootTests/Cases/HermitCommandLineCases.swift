@testable import BootSupport

/// Command lines that boot nothing, as `uhyve` and, for Hermit guests, `pinnace run` judge them.
extension BootCase {
    @Cases static var hermitCommandLine: [BootCase] {
        usage
        refusedByUhyve
        accepted
        configurations
        variables
        native
    }

    @Cases private static var usage: [BootCase] {
        for option in ["--help", "-h", "-vh"] {
            BootCase(
                nil, options: [option], by: Invocation.uhyve,
                expecting: .success(.containing(["usage: uhyve [OPTIONS] KERNEL [ARGS]\n"])))
        }
        for option in ["--version", "-V"] {
            BootCase(
                nil, options: [option], by: Invocation.uhyve,
                expecting: .success(.matching(#"uhyve [0-9.]+ \(pinnace [0-9.]+( \(.+\))?\)\n"#)))
        }
        for options in [[], ["--"], ["-v"], ["-c", "2"]] {
            BootCase(
                nil, options: options, by: Invocation.uhyve,
                expecting: mistake("no KERNEL given: uhyve [OPTIONS] KERNEL [ARGS]"))
        }
    }

    @Cases private static var refusedByUhyve: [BootCase] {
        for (options, why) in [
            (["--bogus"], "unknown option --bogus: `uhyve --help` lists them"),
            (["-x"], "unknown option -x: `uhyve --help` lists them"),
            (["-xv"], "unknown option -x in -xv: `uhyve --help` lists them"),
            (["--cpu-cuont=2"], "unknown option --cpu-cuont: did you mean --cpu-count?"),
            (["--mem=64"], "unknown option --mem: `uhyve --help` lists them"),
            (["--stats=1"], "option --stats takes no value"),
            (["-c", "1", "--cpu-count=2"], "option --cpu-count is given twice"),
            (["-c"], nil),
            (["-c0"], "option -c: 0 is not a number above 0"),
            (["--cpu-count=-1"], "option --cpu-count: -1 is not a number above 0"),
            (["--cpu-count", "--stats"], "option --cpu-count needs a value: --cpu-count=N"),
            (["-m=x"], "option -m: x is not a size such as 64MiB or 4G"),
            (["--net=tun"], "option --net: tun is not tap or tap:IFACE"),
            (["-e", ""], "option -e needs a value: --env-vars=NAME=VALUE|host"),
            (["--file-isolation=lax"], "option --file-isolation: lax is not none|normal|strict"),
            // What there is no such thing as here.
            (
                ["--trace-dir=x"],
                "option --trace-dir is not supported: use --stats, or `pinnace run --trace=FILE`"
            ),
            // What it judges before it looks at the kernel.
            (
                ["-m", "17M"],
                "option -m: guest memory of 17 MiB: Hermit guests need a multiple of 2 MiB, "
                    + "at least 16 MiB"
            ),
            (
                ["-a", "0 1"],
                "option --affinity=0 1: 2 of the host's CPUs are named, and the guest has 1 "
                    + "(name one for each of the guest's CPUs)"
            ),
        ] {
            BootCase(
                "hermit/hello-v3", options: options, by: Invocation.uhyve,
                expecting: why.map { mistake($0) }
                    ?? ExpectedEnd(
                        status: 2, output: .nothing, error: .lineWith("is not a number above 0")))
        }
        // What only the module can judge.
        for (options, why) in [
            (["-m", "3T"], "guests with uhyve interface version 3 can have up to 520192 MiB"),
            (["--tempdir=missing"], "missing: No such file or directory"),
            (
                ["-n", "tap:sixteen-letters-"],
                "option --net=tap:sixteen-letters-: Could not attach"
            ),
        ] {
            BootCase(
                "hermit/hello-v3", options: options, by: Invocation.uhyve,
                expecting: .refusal(.lineWith(why)))
        }
        BootCase(
            "hermit/hello-v3", options: ["-c", "5000"], by: Invocation.uhyve,
            expecting: .refusal(
                .line("option --cpu-count=5000: not a number from 1 to 4096")))
    }

    /// What changes nothing here.
    @Cases private static var accepted: [BootCase] {
        for options in [
            ["--thp", "--ksm", "--cpu-pm", "-vvv"], ["--io-mode=host=direct"],
            ["--file-isolation", "strict"], ["--hermit-image-mode=external"], ["--"],
            ["--memory-size", "67108864"],
            ["-m64M", "-c=2", "-e", "A=b", "-e", "B=c"],
            ["--env_vars", "ASDF=jlk", "-m", "0.0625GiB"],
            ["--io-mode", "HOST=Direct,Sync", "--file-isolation=Strict"], ["--io-mode=default"],
        ] {
            BootCase(
                "hermit/hello-v3", options: options, by: Invocation.uhyve,
                expecting: .success(.containing(["\nSUCCESS\n"])))
        }
        // Also after the kernel, up to the first `--`.
        for (arguments, shown) in [
            (["--", "--", "a"], "a"), (["--", "a"], "a"), (["a", "-c", "2", "b"], "a b"),
            (["a", "-m32M", "--", "-c", "--", "-x"], "a -c -x"), (["-"], "-"),
        ] {
            BootCase(
                "hermit/hello-v3", arguments, by: Invocation.uhyve,
                expecting: .success(.containing(["arguments: \(shown)\nSUCCESS\n"])))
        }
        BootCase(
            "hermit/smp-v3", ["-c", "2"], by: Invocation.uhyve,
            expecting: .success(.containing(["cpus 2\n", "SUCCESS\n"])))
        BootCase(
            "hermit/arguments-v3", ["k", "--", "l", "--", "a", "--", "b"], by: Invocation.uhyve,
            expecting: .success(
                .containing([
                    "kernel: 2\nkernel [000]=k\nkernel [001]=l\nargument: 3\nargument [000]=a\n"
                        + "argument [001]=--\nargument [002]=b\n"
                ])))
        BootCase(
            "hermit/hello-v3", ["--foo"], by: Invocation.uhyve,
            expecting: mistake("unknown option --foo: arguments for the guest follow `--`"))
        // As Hermit's own CI has it.
        BootCase(
            "hermit/hello-v3", by: Invocation.uhyve, preparation: ["export RUST_LOG=debug"],
            expecting: .success(
                .containing(["\nSUCCESS\n"]),
                error: .line(
                    "environment variable RUST_LOG: no more is logged than warnings; see --stats")))
    }

    /// Configuration files: the one that is named, else the one that is here, else the user's.
    @Cases private static var configurations: [BootCase] {
        let user = [
            "mkdir -p d/uhyve", configuration(4, "d/uhyve/uhyve.toml"),
            "export XDG_CONFIG_HOME=$PWD/d",
        ]
        let here = user + [configuration(3, "uhyve.toml")]
        for (options, preparation, count) in [
            (["--config=x"], here + [configuration(2, "x")], 2),
            ([], here + [configuration(2, "x"), "export HERMIT_CONFIG=x"], 2),
            ([], here, 3), ([], user, 4), (["--config=/dev/null"], here, 1),
            // Options prevail, and variables.
            (["-c2"], user, 2), ([], user + ["export HERMIT_CPU_COUNT=2"], 2),
        ] {
            BootCase(
                "hermit/smp-v3", options: options, by: Invocation.uhyve, preparation: preparation,
                expecting: .success(.containing(["cpus \(count)\n", "SUCCESS\n"])))
        }
        for (preparation, why) in [
            ("echo '[cpu' >x", "x, line 1: expected ']'"),
            ("echo 'cpu = {cpu_count = \"2\"}' >x", "x, line 1: [cpu] cpu_count is not a whole"),
            ("echo cpu.cpu_count = 0 >x", "x, line 1: [cpu] cpu_count: 0 is not a number"),
            ("mkdir x", "x: Could not read: Is a directory"),
            (":", "option --config: x: Could not read: No such file or directory"),
            ("head -c 65537 /dev/zero >x", "x: Could not read: it is longer than 65536 bytes"),
        ] {
            BootCase(
                "hermit/hello-v3", options: ["--config=x"], by: Invocation.uhyve,
                preparation: [preparation], expecting: .refusal(.lineWith(why)))
        }
    }

    /// Writes one with a number of vCPUs, in some of TOML's ways to say so.
    private static func configuration(_ count: Int, _ path: String) -> String {
        let text = #"\357\273\277cpu = { cpu_count = 0b\#(String(count, radix: 2)) }\n"#
        return "printf '\(text)' >\(path)"
    }

    @Cases private static var variables: [BootCase] {
        for (variable, why) in [
            (
                "HERMIT_CPU_COUNT=x",
                "environment variable HERMIT_CPU_COUNT: x is not a number above 0"
            ),
            (
                "HERMIT_MEMORY_SIZE=x",
                "environment variable HERMIT_MEMORY_SIZE: x is not a size such as 64MiB or 4G"
            ),
        ] {
            BootCase(
                "hermit/hello-v3", by: Invocation.uhyve, preparation: ["export \(variable)"],
                expecting: mistake(why))
        }
        BootCase(
            "hermit/boot-v3", options: ["--no-aslr"], by: Invocation.uhyve,
            preparation: ["export HERMIT_MEMORY_SIZE=32M"],
            expecting: .success(.containing(["ram=0x100000000-0x102000000\n", "SUCCESS\n"])))
        // Options prevail.
        BootCase(
            "hermit/smp-v3", options: ["-c2"], by: Invocation.uhyve,
            preparation: ["export HERMIT_CPU_COUNT=3"],
            expecting: .success(.containing(["cpus 2\n", "SUCCESS\n"])))
    }

    @Cases private static var native: [BootCase] {
        for value in ["0", "x", "-1", "4097"] {
            BootCase(
                "hermit/hello-v3", options: ["--cpus=\(value)"],
                expecting: .refusal(
                    .line("option --cpus=\(value): not a number from 1 to 4096")))
        }
        for (options, why) in [
            (["--bogus"], "unknown option --bogus"),
            (["--file-maping=x:y"], "did you mean --file-map"),
            (
                ["--x-exec-heap"],
                "option --x-exec-heap is for Solo5 guests, and this is a Hermit one"
            ),
            (["--cpus=1", "--cpus=2"], "given twice"),
        ] {
            BootCase(
                "hermit/hello-v3", options: options, expecting: .refusal(.lineWith(why)))
        }
        BootCase(
            "hello", options: ["--cpus=2"],
            expecting: .refusal(.lineWith("option --cpus=2 is for Hermit guests")))
        // What a terminal would take for a command.
        BootCase(
            "hermit/hello-v3", options: ["--env-file=variables"],
            preparation: [#"printf '\033]0;x\007\302\233\n' >variables"#],
            expecting: .refusal(.lineWith(#"'\x1b]0;x\x07\u{9b}' is not NAME=VALUE"#)))
    }

    /// The command line is at fault.
    private static func mistake(_ line: String) -> ExpectedEnd {
        ExpectedEnd(status: 2, output: .nothing, error: .line(line))
    }
}
