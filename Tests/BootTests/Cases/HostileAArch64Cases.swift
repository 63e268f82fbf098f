@testable import BootSupport

/// Misuse of the machine, and of hypercalls that need no device, on aarch64.
extension BootCase {
    @Cases static var hostileOnAArch64: [BootCase] {
        accesses
        stores
        machine
        harmless
    }

    /// In 16 MiB of memory, which end at 0x1000000.
    @Cases private static var accesses: [BootCase] {
        for (name, access) in [
            ("puts-bad-pointer", "gpa=0x1100000, sz=16"),
            ("puts-far-pointer", "gpa=0x10001000000, sz=16"),
            ("puts-straddles-end", "gpa=0xfffff8, sz=16"),
            ("puts-past-end", "gpa=0xfffff1, sz=16"),
            ("puts-nothing-at-end", "gpa=0x1000000, sz=0"),
            ("struct-beyond", "gpa=0x1000000, sz=8"),
            ("struct-straddles-end", "gpa=0xfffffc, sz=8"),
            ("struct-in-text", "gpa=0x100000, sz=8"),
            ("struct-in-bootinfo", "gpa=0x10000, sz=8"),
            ("struct-in-pagetables", "gpa=0x2000, sz=8"),
            ("struct-at-zero", "gpa=0x0, sz=8"),
            ("halt-struct-beyond", "gpa=0x1000000, sz=16"),
            ("cookie-bad", "gpa=0x1100000, sz=512"),
        ] {
            ended(name, .line("Invalid guest access: \(access)"))
        }
        // Only the linker knows these addresses.
        for (name, size) in [
            ("puts-wrap", "18446744073709551615"), ("puts-huge", "9223372036854775808"),
            ("struct-in-rodata", "8"),
        ] {
            ended(
                name, .matching("pinnace: Invalid guest access: gpa=0x10[0-9a-f]+, sz=\(size)\n"))
        }
    }

    /// Accesses to the window of hypercalls that are none.
    @Cases private static var stores: [BootCase] {
        for (name, access) in [
            ("store-byte", "1-byte store to 0x100000010"),
            ("store-half", "2-byte store to 0x100000010"),
            ("store-long", "8-byte store to 0x100000010"),
            ("store-between", "4-byte store to 0x100000014"),
            ("store-unknown", "4-byte store to 0x100000200"),
            ("store-kick", "4-byte store to 0x100000100"),
            ("store-hole", "4-byte store to 0x110000000"),
            ("load", "4-byte load from 0x100000010"),
            ("load-hole", "4-byte load from 0x110000000"),
            ("unpaged-read-hole", "4-byte load from 0x110000000"),
            ("tender-load", "4-byte load from 0x100001000"),
        ] {
            ended(
                name,
                .lineWith(
                    "KVM: unhandled exit: exit_reason=0x6 (\(access), which is not memory), pc=0x10"
                ))
        }
        for number in [0, 4, 6, 9, 15] {
            ended("hypercall-\(number)", .line("Invalid guest hypercall: num=\(number)"))
        }
        // KVM learns nothing of what they transfer.
        for (name, bytes) in [
            ("store-pair", "1f 7c 00 29"), ("store-writeback", "1f 84 00 b8"),
            ("store-vector", "00 00 00 bd"), ("exclusive", "08 7c 5f 88"),
        ] {
            BootCase(
                "hostile", [name], options: ["--mem=16"],
                expecting: ExpectedEnd(
                    status: 1, output: .exactly("case \(name)\n"),
                    error: .matching(
                        #"pinnace: KVM: unhandled exit: exit_reason=0x1c [^\n]+\n  at [^\n]+: KVM "#
                            + "can't emulate this instruction, which begins with \(bytes); [^\\n]+"
                            + #"\(no syndrome\): [^\n]+\n(?s:.*)"#), hasReport: true))
        }
    }

    /// What a guest does to its own vCPU.
    @Cases private static var machine: [BootCase] {
        // A guest that waits for ever, or faults for ever, ends with a signal.
        for name in ["wfi", "no-vectors"] {
            BootCase(
                "hostile", [name], options: ["--mem=16"],
                expecting: ExpectedEnd(
                    status: 1, output: .exactly("case \(name)\n"),
                    error: .line("Exiting on signal 15"))
            ).with(\.stopAfter, "case \(name)")
        }
        // A report all the same, of registers as nothing has set them.
        ended("tender-vector", .lineWith("KVM: unhandled exception: pc=0x"))
        for name in ["unpaged-write-text", "unpaged-write-rodata"] {
            ended(name, .lineWith("KVM: host/guest translation fault: pc=0x10"))
        }
    }

    @Cases private static var harmless: [BootCase] {
        for (name, output) in [
            ("puts-end", "the last bytes!\n"),
            // No firmware answers.
            ("hvc-off", "hvc returns 0xffffffffffffffff\n"),
            ("hvc-reset", "hvc returns 0xffffffffffffffff\n"),
            ("smc-off", "smc returns 0xffffffffffffffff\n"), ("unpaged-write-data", ""),
            // Its own, and nothing that it could not know.
            ("unpaged-read-pagetables", "read 0x3003\n"),
        ] {
            BootCase(
                "hostile", [name], options: ["--mem=16"],
                expecting: .success(.exactly("case \(name)\n\(output)survived\n")))
        }
    }

    private static func ended(_ name: String, _ error: ExpectedEnd.Text) -> BootCase {
        BootCase(
            "hostile", [name], options: ["--mem=16"],
            expecting: ExpectedEnd(status: 1, output: .exactly("case \(name)\n"), error: error))
    }
}
