@testable import BootSupport

/// Exceptions that a guest has no handler for, with all that is told of them: the same whatever the
/// processor.
extension BootCase {
    @Cases static var faults: [BootCase] {
        for (name, function, words, place) in [
            ("read", "run_read", page(0, "read from a page that is not present"), far),
            (
                "read-null", "run_read", page(0, "read from a page that is not present"),
                "0x8 %: in the first page, where null pointers lead, 0x0 to 0x1000"
            ),
            ("write", "run_write", page(2, "write to a page that is not present"), far),
            (
                "write-bootinfo", "run_write", page(3, "write to a page that does not allow it"),
                "0x10000 %: in what the tender tells the guest (read), 0x10000 to 0x100000"
            ),
            ("protection", "run_write_msr", "general protection (vector 13, error code 0x0)", nil),
            ("not-canonical", "run_read", "general protection (vector 13, error code 0x0)", nil),
            ("opcode", "run_opcode", "invalid opcode (vector 6)", nil),
            ("divide", "run_divide", "divide error (vector 0)", nil),
            (
                "stack", "run_stack", page(2, "write to a page that is not present"),
                "0x6ffffffff8 %: past the guest's memory, which ends at 0x1000000"
            ),
        ] as [(String, String, String, String?)] {
            fault(name, in: " <\(function)\\+0x[0-9a-f]+>", words, place)
        }
        fault("fetch", in: "", page(0x10, "instruction fetch from a page that is not present"), far)
        // Where KVM emulates ring 0, INT3 is an instruction that it can't.
        BootCase(
            "faults", ["breakpoint"], options: ["--mem=16"],
            expecting: ExpectedEnd(
                status: 1, output: .exactly("case breakpoint\n"),
                error: .matching(
                    #"[^\n]+\(triple fault\)[^\n]+\n  at [^\n]+: breakpoint, INT3 \(vector 3\)\n(?s:.*)"#
                        + #"|[^\n]+\(internal error[^\n]+\n  at [^\n]+: KVM can't emulate this "#
                        + #"instruction, which begins with cc [^\n]+; this host's KVM emulates ring 0"#
                        + #"[^\n]+\n(?s:.*)"#), hasReport: true))
    }

    private static let far = "0x7000000000 %: past the guest's memory, which ends at 0x1000000"

    private static func page(_ errorCode: Int, _ words: String) -> String {
        "page fault (vector 14, error code 0x\(String(errorCode, radix: 16))): \(words)"
    }

    /// - Parameter place: where the last page fault was, if that is told.
    private static func fault(
        _ name: String, in function: String, _ words: String, _ place: String?
    ) -> BootCase {
        let address = place.map {
            "  address " + quoted($0.replacing("%", with: "(of the last page fault)")) + "\n"
        }
        let registers = #"(?:  r[0-9a-z]+ +[0-9a-f]{16}  r[^\n]+\n){4}  rip [^\n]+\n"#
        return BootCase(
            "faults", [name], options: ["--mem=16"],
            expecting: ExpectedEnd(
                status: 1, output: .exactly("case \(name)\n"),
                error: .matching(
                    #"pinnace: KVM: unhandled exit: exit_reason=0x8 \(triple fault\), "#
                        + #"rip=(0x[0-9a-f]+)\n"# + (address ?? "")
                        + "  at \\1\(function): \(quoted(words))\n"
                        + #"  called from 0x[0-9a-f]+ <run_case\+0x[0-9a-f]+>\n"#
                        + #"  called from 0x[0-9a-f]+ <guest_start\+0x[0-9a-f]+>\n"# + registers),
                hasReport: true))
    }

    /// As part of a regular expression.
    private static func quoted(_ text: String) -> String {
        text.replacing("(", with: "\\(").replacing(")", with: "\\)")
    }
}
