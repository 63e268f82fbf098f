@testable import BootSupport

/// `--mem`.
extension BootCase {
    @Cases static var memory: [BootCase] {
        // Rounded down to 2 MiB, but not to nothing.
        for (asked, granted) in [(1, 2), (3, 2), (5, 4), (4097, 4096)] {
            let bytes = granted << 20
            let output = ExpectedEnd.Text.containing([
                "mem_size=0x\(String(bytes, radix: 16))\n", "SUCCESS\n",
            ])
            BootCase(
                "layout", options: ["--mem=\(asked)"], by: Invocation.solo5,
                expecting: .success(output, error: .line("adjusting memory to \(bytes) bytes")))
            BootCase(
                "layout", options: ["--mem=\(asked)"],
                expecting: .success(
                    output,
                    error: .lineWith("option --mem: the guest gets \(granted) MiB, since")))
        }
        BootCase(
            "hello", options: ["--mem=4098"], by: Invocation.hvt,
            expecting: .refusal(.lineWith("exceeds the max size 4294967296 bytes")))
        for nonsense in ["0", "x", "-1", "16x", "0x10", overflowing, "99999999999999999999"] {
            BootCase(
                "hello", options: ["--mem=\(nonsense)"], by: Invocation.solo5,
                expecting: .refusal(.line("Malformed argument to --mem")))
            BootCase(
                "hello", options: ["--mem=\(nonsense)"],
                expecting: .refusal(.lineWith("option --mem: ")))
        }
        for options in [["--mem", "4"], ["--mem=4096K"], ["--mem=4M"]] {
            BootCase("layout", options: options, expecting: fourMebibytes)
        }
        BootCase(
            "layout", options: ["--mem=8", "--mem=4"], by: Invocation.solo5,
            expecting: fourMebibytes)
        BootCase(
            "layout", options: ["--mem=4", "--mem=4"], expecting: .refusal(.lineWith("given twice"))
        )
        // It takes more than 2 MiB of code to be too large for 2 MiB.
        BootCase("many-puts", ["lines=1", "size=9"], options: ["--mem=2"], expecting: tooLarge)
    }

    /// One more than the MiB of a 64-bit address space: wraps around to 1.
    private static let overflowing = "17592186044417"

    private static let fourMebibytes = ExpectedEnd.success(.containing(["mem_size=0x400000\n"]))

    /// Its BSS ends beyond memory, which the tender sees before the guest comes upon it.
    private static let tooLarge = ExpectedEnd.refusal(.lineWith("Invalid executable"))
}
