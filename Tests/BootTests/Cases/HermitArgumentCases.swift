@testable import BootSupport

/// What Hermit guests are told: arguments and environment.
extension BootCase {
    @Cases static var hermitArguments: [BootCase] {
        for flavour in ["v1-legacy", "v1-tag8", "entry2"] {
            toldByCalls("hermit/arguments-\(flavour)")
        }
        for flavour in ["v1-dyn", "v3"] { toldByDeviceTree("hermit/arguments-\(flavour)") }
        for guest in ["hermit/arguments-v1-legacy", "hermit/arguments-v3"] {
            files(guest)
            nonsense(guest)
        }
        // Lists of them take more room than what the C library maps on its own.
        BootCase(
            "hermit/arguments-entry2", [String](repeating: "x", count: 20_000),
            expecting: .success(
                .containing(["argument: 128\n", "argument [127]=x\n"]),
                error: .line("20001 arguments: the guest gets only the first 128")))
        compatible
    }

    private static let environment = [
        "--env=A=b", "--env=COLOUR", "--env=NONE", "--env=EMPTY=", "--env=A=c d",
    ]
    private static let ours = ["export COLOUR=blue"]

    /// Cmdsize and Cmdval: the guest's name comes first, and the list of variables is filled up.
    @Cases private static func toldByCalls(_ guest: String) -> [BootCase] {
        BootCase(
            guest, ["k", "--", "a", "b c", "", "é"], options: environment, preparation: ours,
            expecting: .success(
                .matching(
                    #"argument: 6\nargument \[000\]=.*/\#(guest)\nargument \[001\]=k\n"#
                        + #"argument \[002\]=a\nargument \[003\]=b c\nargument \[004\]=\n"#
                        + #"argument \[005\]=é\nvariable: 16\nvariable \[000\]=COLOUR=blue\n"#
                        + #"variable \[001\]=EMPTY=\nvariable \[002\]=A=c d\n"#
                        + #"(?:variable \[[01][0-9]{2}\]=\n){13}SUCCESS\n"#)))
        let long = String(repeating: "x", count: 3000)
        BootCase(guest, [long], expecting: .success(.containing(["argument [001]=\(long)\n"])))
        let most = 128
        let names = (1...most + 2).map { "V\($0)" }
        BootCase(
            guest, names, options: names.prefix(most - 1).map { "--env=\($0)=1" },
            expecting: .success(
                .containing([
                    "argument: \(most)\n", "argument [127]=V127\nvariable: \(most - 1)\n",
                    "variable [126]=V127=1\nSUCCESS\n",
                ]), error: .line("\(most + 3) arguments: the guest gets only the first \(most)")))
        BootCase(
            guest, options: names.map { "--env=\($0)=1" },
            expecting: .success(
                .containing(["variable: \(most)\n", "variable [127]=V128=1\nSUCCESS\n"]),
                error: .line(
                    "\(most + 2) environment variables: the guest gets only the first \(most)")))
    }

    /// What is before `--` is for the kernel.
    @Cases private static func toldByDeviceTree(_ guest: String) -> [BootCase] {
        BootCase(
            guest, ["k", "--", "a", "b c", "", "é"], options: environment, preparation: ours,
            expecting: .success(
                .exactly(
                    """
                    kernel: 1
                    kernel [000]=k
                    argument: 4
                    argument [000]=a
                    argument [001]=b c
                    argument [002]=
                    argument [003]=é
                    variable: 3
                    variable [000]=COLOUR=blue
                    variable [001]=EMPTY=
                    variable [002]=A=c d
                    SUCCESS

                    """)))
        BootCase(
            guest, expecting: .success(.exactly("kernel: 0\nargument: 0\nvariable: 0\nSUCCESS\n")))
        // What a shell would have to be told otherwise.
        let odd = ["'", "\"", "\\", "$HOME", "*", "\t", "--", "-m", "env=X=1"]
        let rows = odd.enumerated().map { "argument [00\($0)]=\($1)\n" }.joined()
        BootCase(
            guest, ["--"] + odd,
            expecting: .success(.containing(["kernel: 0\nargument: 9\n\(rows)variable: 0\n"])))
        let long = String(repeating: "x", count: 3100)
        let isCurrent = guest == "hermit/arguments-v3"
        BootCase(
            guest, ["--", long],
            expecting: .success(
                .containing(["argument [000]=\(long)\n"]),
                error: .line(
                    isCurrent
                        ? "an argument of 3100 bytes: "
                            + "Hermit may fail to start with more than 1000"
                        : "arguments and environment of 3103 bytes: "
                            + "Hermit may fail to start with more than 3072")))
        // What kernels of the time of interface version 1 take, and later ones die of.
        for (count, isTooMany) in [(14, false), (15, isCurrent)] {
            BootCase(
                guest, options: (1...count).map { "--env=V\($0)=1" },
                expecting: .success(
                    .containing(["variable: \(count)\n", "SUCCESS\n"]),
                    error: isTooMany
                        ? .line(
                            "15 environment variables: Hermit may fail to start with more than 14")
                        : .nothing))
        }
        BootCase(
            guest, ["--", String(repeating: "x", count: 17000)],
            expecting: .refusal(.containing(["the maximum is 16384\n"])))
    }

    @Cases private static func files(_ guest: String) -> [BootCase] {
        BootCase(
            guest, options: ["--env=X=0", "--env-file=variables", "--env=Z=2"],
            preparation: [#"printf '# not this\nX=1\n\nY=a=b c\n' >variables"#],
            expecting: .success(
                .containing([
                    "variable [000]=X=1\nvariable [001]=Y=a=b c\nvariable [002]=Z=2\n", "SUCCESS\n",
                ])))
        BootCase(
            guest, options: ["--env-file=variables"], preparation: ["echo X >variables"],
            expecting: .refusal(
                .line("option --env-file=variables: 'X' is not NAME=VALUE")))
        // A file that is no file: a pipe of the shell's, and a FIFO that nothing is written to.
        BootCase(
            guest, options: ["--env-file=/dev/fd/9"],
            preparation: ["mkfifo p; (sleep 1; echo X=1; echo Y=2) >p & exec 9<p"],
            expecting: .success(
                .containing(["variable [000]=X=1\nvariable [001]=Y=2\n", "SUCCESS\n"])))
        BootCase(
            guest, options: ["--env-file=p"],
            preparation: ["mkfifo p; (sleep 1; echo X=1; sleep 1; echo Y=2) >p &"],
            expecting: .success(
                .containing(["variable [000]=X=1\nvariable [001]=Y=2\n", "SUCCESS\n"])))
        BootCase(
            guest, options: ["--env-file=p"], preparation: ["mkfifo p"],
            expecting: .refusal(
                .line("option --env-file=p: Could not read: no process writes to it")))
        BootCase(
            guest, options: ["--env-file=/dev/zero"],
            expecting: .refusal(
                .line(
                    "option --env-file=/dev/zero: Could not read: "
                        + "it is longer than 1048576 bytes")))
        BootCase(
            guest, options: ["--env-file=missing"],
            expecting: .refusal(
                .line("option --env-file=missing: Could not read: No such file or directory")))
    }

    @Cases private static func nonsense(_ guest: String) -> [BootCase] {
        BootCase(
            guest, options: ["--env==x"],
            expecting: .refusal(.line("option --env==x: the variable has no name")))
    }

    /// All that we have may be more than current kernels take, and longer.
    private static let perhapsMany = ExpectedEnd.Text.matching(
        #"([a-z]+: [^\n]+: Hermit may fail to start with more than [0-9]+\n)*"#)

    /// As `uhyve` did it when the guest was new, if the command line is of that time as well.
    @Cases private static var compatible: [BootCase] {
        for flavour in ["v1-legacy", "entry2"] {
            BootCase(
                "hermit/arguments-\(flavour)", by: Invocation.uhyve, preparation: ours,
                expecting: .success(.containing(["=COLOUR=blue\n", "SUCCESS\n"])))
            BootCase(
                "hermit/arguments-\(flavour)", options: ["-e", "X=1"], by: Invocation.uhyve,
                preparation: ours,
                expecting: .success(
                    .containing(["variable: 16\nvariable [000]=X=1\nvariable [001]=\n"])))
        }
        BootCase(
            "hermit/arguments-v3", by: Invocation.uhyve, preparation: ours,
            expecting: .success(.containing(["variable: 0\n"])))
        BootCase(
            "hermit/arguments-v3", options: ["-e", "host"], by: Invocation.uhyve,
            preparation: ours,
            expecting: .success(.containing(["=COLOUR=blue\n", "SUCCESS\n"]), error: perhapsMany))
        BootCase(
            "hermit/arguments-v3", options: ["--env=host"], preparation: ours,
            expecting: .success(.containing(["=COLOUR=blue\n", "SUCCESS\n"]), error: perhapsMany))
    }
}
