import Foundation

@testable import BootSupport

/// Guests for aarch64. What they do that has to do with the processor differs from x86_64.
extension BootCase {
    /// The cases of other tables whose guests are there for both, and do the same.
    static var sharedWithAArch64: [BootCase] {
        let ring = ring.filter { ["net-ring", "net-ring-two", "net-last"].contains($0.guest) }
        // Every guest gets the ring that has room for it: which know it, its code does not show.
        // Where it is offered, memory as a guest is told of it ends before the ring, which it may access
        // as well: these are about the end of all memory.
        let devices = hostileDevices.map { $0.with(\.options, $0.options + ["--net-ring=off"]) }
        let all = basic + commandLine + memory + block + net + devices + ring
        let others = ["exception", "processor", "simd"]
        return all.filter { bootCase in
            guard let guest = bootCase.guest else { return true }
            guard !Host.isPath(guest), !others.contains(guest) else { return false }
            return access("\(Host.guests)/aarch64/\(guest).hvt", R_OK) == 0
        }
    }

    @Cases static var aarch64: [BootCase] {
        start
        protectionOnAArch64
        exceptionsOnAArch64
        faultsOnAArch64
        images
    }

    /// Registers and boot information, as in the reference tender.
    @Cases private static var start: [BootCase] {
        for mebibytes in [2, 4, 512, 4096] {
            let size = mebibytes << 20
            BootCase(
                "layout", options: ["--mem=\(mebibytes)"], by: Invocation.hvt,
                expecting: .success(
                    .matching(
                        """
                        boot_info=0x10000
                        mem_size=0x\(String(size, radix: 16))
                        kernel_end=0x[0-9a-f]+
                        cpu_cycle_freq=[1-9][0-9]{6,9}
                        cmdline=0x100a8 length=0
                        manifest=0x10038
                        host_features=0x0
                        net_ring=0x0
                        x0=0x10000 others=0x0 sp=0x\(String(size - 16, radix: 16))
                        level=0x4 masks=0x3c0 sp_select=1
                        sctlr=0x1005
                        cpacr=0x300000
                        mair=0xbbff440c0400
                        tcr=0x3[012]b5183518
                        ttbr0=0x1000
                        ttbr1=0x8000
                        vbar=0xffffff0000000000
                        cntfrq agrees
                        entry 0 name="" type=0x40000000 attached=0
                        SUCCESS

                        """)))
        }
    }

    /// Names of cases, the exception class and the status of the syndrome (0x5 to 0x7 not mapped, 0xd
    /// to 0xf not allowed; 0x40 for a write), and the address.
    @Cases private static var protectionOnAArch64: [BootCase] {
        for (name, kind, status, address) in [
            ("exec-rodata", "0x21", "0x8600000f", "0x10[0-9a-f]+"),
            ("exec-data", "0x21", "0x8600000f", "0x10[0-9a-f]+"),
            ("exec-heap", "0x21", "0x8600000f", "0x10[0-9a-f]+"),
            ("exec-stack", "0x21", "0x8600000e", "0xffff[0-9a-f]+"),
            ("read-zero", "0x25", "0x96000007", "0x8"), ("write-zero", "0x25", "0x96000047", "0x8"),
            ("exec-zero", "0x21", "0x86000007", "0x8"),
            ("read-pagetables", "0x25", "0x96000007", "0x2000"),
            ("write-pagetables", "0x25", "0x96000047", "0x2000"),
            ("write-bootinfo", "0x25", "0x9600004f", "0x10000"),
            ("write-low", "0x25", "0x9600004f", "0x20000"),
            ("exec-low", "0x21", "0x8600000f", "0x20000"),
            ("beyond-memory", "0x25", "0x96000006", "0x1000000"),
            ("beyond-4g", "0x25", "0x96000005", "0x400000000"),
            ("exec-hypercalls", "0x21", "0x8600000d", "0x100000000"),
            ("write-vectors", "0x25", "0x9600004f", "0xffffff0000000000"),
            ("exec-device", "0x21", "0x8600000f", "0xffffff0000001000"),
        ] {
            BootCase(
                "protect", [name], options: ["--mem=16"],
                expecting: .success(
                    .matching(
                        "case \(name)\nclass \(kind) syndrome=\(status) pc=0x[0-9a-f]+ "
                            + "far=\(address)\nSUCCESS\n")))
        }
        for name in ["write-text", "write-rodata"] {
            BootCase(
                "protect", [name], by: Invocation.hvt,
                expecting: ExpectedEnd(
                    status: 1, output: .exactly("case \(name)\n"),
                    error: .lineWith("KVM: host/guest translation fault: pc=0x10")))
        }
        for name in ["exec-heap", "exec-stack"] {
            BootCase(
                "protect", [name], options: ["--x-exec-heap"],
                expecting: ExpectedEnd(
                    status: 1, output: .exactly("case \(name)\nFAILURE: allowed\n")))
        }
    }

    @Cases private static var exceptionsOnAArch64: [BootCase] {
        for (name, words) in [
            ("undefined", "syndrome 0x2000000 pc 0x10[0-9a-f]+ far 0x[0-9a-f]+"),
            ("breakpoint", "syndrome 0xf2000001 pc 0x10[0-9a-f]+ far 0x[0-9a-f]+"),
            ("abort", "syndrome 0x96000045 pc 0x10[0-9a-f]+ far 0x400000000"),
            ("not-canonical", "syndrome 0x96000044 pc 0x10[0-9a-f]+ far 0x80000000000000"),
        ] {
            BootCase(
                "exception", [name], by: Invocation.hvt,
                expecting: ExpectedEnd(
                    status: 255,
                    output: .matching("case \(name)\nABORT: vector 4 \(words)\n")))
        }
        BootCase(
            "exception", ["recover"], expecting: .success(.exactly("case recover\nSUCCESS\n")))
    }

    /// Exceptions that a guest has no handler for, with all that is told of them.
    @Cases private static var faultsOnAArch64: [BootCase] {
        for (name, function, words, place) in [
            (
                "read", "run_read",
                "data abort (syndrome 0x96000005): read from a page that is not mapped", far
            ),
            (
                "read-null", "run_read",
                "data abort (syndrome 0x96000007): read from a page that is not mapped",
                "0x8 %: in the first page, where null pointers lead, 0x0 to 0x1000"
            ),
            (
                "write", "run_write",
                "data abort (syndrome 0x96000045): write to a page that is not mapped", far
            ),
            (
                "write-bootinfo", "run_write",
                "data abort (syndrome 0x9600004f): write to a page that does not allow it",
                "0x10000 %: in what the tender tells the guest (read), 0x10000 to 0x100000"
            ),
            (
                "not-canonical", "run_read",
                "data abort (syndrome 0x96000004): read from a page that is not mapped",
                "0x80000000000000 %: past the guest's memory, which ends at 0x1000000"
            ),
            ("undefined", "run_undefined", "undefined instruction (syndrome 0x2000000)", nil),
            ("breakpoint", "run_breakpoint", "breakpoint, BRK (syndrome 0xf2000007)", nil),
            (
                "supervisor-call", "run_supervisor_call",
                "supervisor call, SVC (syndrome 0x56000003)", nil
            ),
            (
                "floating-point", "run_floating_point",
                "access to floating point or vector registers, which are off (syndrome 0x1fe00000)",
                nil
            ),
            (
                "stack", "run_stack",
                "data abort (syndrome 0x96000045): write to a page that is not mapped",
                "0x6ffffffff0 %: past the guest's memory, which ends at 0x1000000"
            ),
        ] as [(String, String, String, String?)] {
            explained(
                name, in: " <\(function)(?:\\+0x[0-9a-f]+)?>", words, place,
                callers: ["run_case", "guest_start"])
        }
        explained(
            "fetch", in: "",
            "instruction abort (syndrome 0x86000005): instruction fetch from a page that is not mapped",
            far, callers: ["run_fetch", "run_case", "guest_start"])
        // What the guest did to its own tables does not keep the vectors from it.
        explained(
            "own-tables", in: " <run_own_tables[^>]*>",
            "instruction abort (syndrome 0x86000004): instruction fetch from a page that is not mapped",
            "0x10[0-9a-f]+ %: in segment 0 of the image (read, execute), 0x100000 to 0x102000",
            callers: [])
    }

    private static let far = "0x7000000000 %: past the guest's memory, which ends at 0x1000000"

    /// - Parameter place: where the access was, if that is told.
    private static func explained(
        _ name: String, in function: String, _ words: String, _ place: String?, callers: [String]
    ) -> BootCase {
        func quoted(_ text: String) -> String {
            text.replacing("(", with: "\\(").replacing(")", with: "\\)")
        }
        let address = place.map {
            "  address " + quoted($0.replacing("%", with: "(of the last page fault)")) + "\n"
        }
        let called = callers.map { "  called from 0x[0-9a-f]+ <\($0)\\+0x[0-9a-f]+>\n" }
        let registers = #"(?:  x[0-9]+ +[0-9a-f]{16}  x[^\n]+\n){8}  pc  [^\n]+\n"#
        return BootCase(
            "faults", [name], options: ["--mem=16"],
            expecting: ExpectedEnd(
                status: 1, output: .exactly("case \(name)\n"),
                error: .matching(
                    "pinnace: KVM: unhandled exception: pc=(0x[0-9a-f]+)\n" + (address ?? "")
                        + "  at \\1\(function): \(quoted(words))\n" + called.joined() + registers),
                hasReport: true))
    }

    /// A guest for the other architecture is described, and not run.
    @Cases private static var images: [BootCase] {
        BootCase(
            "./other",
            preparation: [
                #"cp "$GUESTS"/hello.hvt other"#,
                #"printf '\076\0' | dd of=other bs=1 seek=18 conv=notrunc status=none"#,
                #""$PINNACE" inspect other >described || true"#,
            ],
            expecting: .refusal(.lineWith("for another processor, x86_64: this one is aarch64"))
        ).with(\.afterwards, [#"grep -q "architecture *x86_64" described || status=9"#])
    }
}
