@testable import BootSupport

/// Consoles and ends of Hermit guests.
extension BootCase {
    @Cases static var hermitCalls: [BootCase] {
        hermitExits
        serials
        standardInput
        outputs
        statistics
    }

    /// The low 8 bits are the tender's status.
    @Cases private static var hermitExits: [BootCase] {
        for flavour in ["v1-legacy", "v2", "v3"] {
            let guest = "hermit/exit-\(flavour)"
            for code in [0, 1, 7, 255, 256, 263, -1, -2, Int(Int32.min), Int(Int32.max)] {
                BootCase(
                    guest, ["--", "\(code)"], by: Invocation.hermit,
                    expecting: ExpectedEnd(
                        status: Int32(code & 0xFF), output: .exactly("exit \(code)\n")))
            }
            // Any vCPU can end it.
            for cpu in [0, 1, 3] {
                BootCase(
                    guest, ["--", "42", "cpu=\(cpu)"], options: ["--cpus=4"],
                    expecting: ExpectedEnd(status: 42, output: .exactly("exit 42\n")))
            }
        }
    }

    @Cases private static var serials: [BootCase] {
        for flavour in ["v1-legacy", "v1-dyn", "v3"] {
            let wide = flavour == "v3" ? "" : "wl\n"
            let large = String(repeating: "A", count: 8191)
            BootCase(
                "hermit/serial-\(flavour)", by: Invocation.hermit,
                expecting: .success(
                    .exactly(
                        "byte by byte\n\(wide)a buffer\n\(large)\n"
                            + "by descriptor 1\nby descriptor 2\nSUCCESS\n")))
            // All bytes twice, which tests take for text: a sum does.
            BootCase(
                "hermit/serial-\(flavour)", ["binary"], options: ["--output=console"],
                expecting: .success(.exactly("f5c8e3c31c044bae0e65569560b54332  -\n"))
            ).with(\.afterwards, ["md5sum <console"])
        }
    }

    @Cases private static var standardInput: [BootCase] {
        for flavour in ["v1-legacy", "v3"] {
            for size in [1, 5, 4096, 65536] {
                BootCase(
                    "hermit/stdin-\(flavour)", ["size=\(size)"],
                    preparation: [#"printf 'one\ntwo\n' >input"#, "exec <input"],
                    expecting: .success(.exactly("one\ntwo\nread 8 bytes\nSUCCESS\n")))
            }
            BootCase(
                "hermit/stdin-\(flavour)", by: Invocation.hermit, preparation: ["exec </dev/null"],
                expecting: .success(.exactly("read 0 bytes\nSUCCESS\n")))
            // A pipe, whose end the guest sees; and nothing at all, which is an error for it.
            BootCase(
                "hermit/stdin-\(flavour)",
                preparation: [
                    "mkfifo pipe", "{ echo one; sleep 0.2; echo two; } >pipe &", "exec <pipe",
                ],
                expecting: .success(.exactly("one\ntwo\nread 8 bytes\nSUCCESS\n")))
        }
    }

    @Cases private static var outputs: [BootCase] {
        for (option, invocations) in [
            ("--output", [Invocation.native]), ("--output", Invocation.uhyve),
            ("-o", Invocation.uhyve),
        ] {
            // One argument or two: what follows -o may be joined to it.
            let option = option == "-o" ? option : "\(option)="
            BootCase(
                "hermit/hello-v3", options: ["\(option)console"], by: invocations,
                expecting: .success(.containing(["hello by descriptor 1\n", "\nSUCCESS\n"]))
            ).with(\.afterwards, ["cat console"])
            BootCase(
                "hermit/hello-v3", options: ["\(option)none"], by: invocations,
                expecting: .success(.nothing))
        }
        // It is never in the way of what is there.
        BootCase(
            "hermit/hello-v3", options: ["--output=console"], preparation: ["echo here >console"],
            expecting: ExpectedEnd(
                status: 1, output: .exactly("here\n"),
                error: .line("option --output=console: Could not create: File exists"))
        ).with(\.afterwards, ["cat console"])
    }

    @Cases private static var statistics: [BootCase] {
        for (flavour, version) in [
            ("v1-legacy", "V1"), ("v1-dyn", "V1"), ("v2", "V2"), ("v3", "V2"),
        ] {
            let call = #"  Hypercall\(\#(version)\("#
            let table =
                #"\nRun statistics:\nVM exits:\n +total +cpu 0\n"#
                + #"(?=(?s:.*)\#(call)Exit\)\) +1 +1\n)"#
                + #"(?=(?s:.*)\#(call)FileWrite\)\) +4 +4\n)"#
                + #"(?s:.*)CPU runtimes:\ncpu 0: [0-9]+\.[0-9]{6}s\n"#
            BootCase(
                "hermit/hello-\(flavour)", options: ["--stats"],
                expecting: .success(
                    .matching(#"(?s:.*)SUCCESS\n"#), error: .matching(table)))
            BootCase(
                "hermit/hello-\(flavour)", options: ["--stats"], by: Invocation.uhyve,
                expecting: .success(.matching(#"(?s:.*)SUCCESS\n"# + table)))
        }
        BootCase(
            "hermit/smp-v3", options: ["--stats", "--cpus=3"],
            expecting: .success(
                error: .containing([" total  cpu 0  cpu 1  cpu 2\n", "\ncpu 2: "])))
    }
}
