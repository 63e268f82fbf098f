@testable import BootSupport

/// Misuse of the machine, and of hypercalls that need no device.
extension BootCase {
    @Cases static var hostile: [BootCase] {
        accesses
        ports
        machine
        protected
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
            ("puts-nothing-beyond", "gpa=0x1100000, sz=0"),
            ("struct-beyond", "gpa=0x1000000, sz=8"),
            ("struct-far", "gpa=0xfffff000, sz=8"),
            ("struct-straddles-end", "gpa=0xfffffc, sz=8"),
            ("struct-straddles-4g", "gpa=0xfffffffc, sz=8"),
            ("struct-in-text", "gpa=0x100000, sz=8"),
            ("struct-in-bootinfo", "gpa=0x10000, sz=8"),
            ("struct-in-pagetables", "gpa=0x2000, sz=8"),
            ("struct-at-zero", "gpa=0x0, sz=8"),
            ("puts-struct-at-zero", "gpa=0x0, sz=16"),
            ("poll-struct-beyond", "gpa=0x1000000, sz=24"),
            ("poll-struct-straddles-end", "gpa=0xfffff0, sz=24"),
            ("halt-struct-beyond", "gpa=0x1000000, sz=16"),
            ("cookie-bad", "gpa=0x1100000, sz=512"),
            ("cookie-straddles-end", "gpa=0xffff00, sz=512"),
        ] {
            ended(name, .line("Invalid guest access: \(access)"))
        }
        // Only the linker knows these addresses.
        for (name, size) in [
            ("puts-wrap", "18446744073709551615"), ("puts-huge", "9223372036854775808"),
            ("struct-in-rodata", "8"), ("poll-struct-in-rodata", "24"),
        ] {
            ended(
                name, .matching("pinnace: Invalid guest access: gpa=0x10[0-9a-f]+, sz=\(size)\n"))
        }
    }

    @Cases private static var ports: [BootCase] {
        for (name, port) in [
            ("port-byte", "0x502"), ("port-word", "0x502"), ("port-in", "0x502"),
            ("port-in-byte", "0x508"), ("port-string-in", "0x502"), ("port-unknown", "0x400"),
            ("port-unknown-byte", "0x3f8"), ("port-unknown-in", "0x64"), ("port-below", "0x4ff"),
            ("port-kick", "0x600"), ("port-kick-byte", "0x600"), ("hypercall-9", "0x509"),
            ("hypercall-15", "0x50f"),
        ] {
            ended(name, .line("Invalid guest port access: port=\(port)"))
        }
        // Reserved, and those that only attached devices have.
        for number in [0, 4, 5, 6, 7] {
            ended("hypercall-\(number)", .line("Invalid guest hypercall: num=\(number)"))
        }
    }

    @Cases private static var machine: [BootCase] {
        ended("hlt", .lineWith("exit_reason=0x5 (the guest executed HLT), rip=0x1"))
        ended("triple-fault", tripleFault(at: "0x1[0-9a-f]+"))
        // The tender's exception table: its port means nothing elsewhere, to jump to a stub is to end,
        // the table is read-only, and its stack is of use to nothing else.
        ended("tender-port", .line("Invalid guest port access: port=0xf4"))
        ended("tender-stub", tripleFault(at: "0x[0-9a-f]+"))
        ended("cr3-garbage", tripleFault(at: "0x1[0-9a-f]+"))
        // Some KVMs never return from this, until a signal comes.
        ended("cr3-beyond", .matching("pinnace: .*(triple fault|Exiting on signal 15).*\n"))
            .with(\.stopAfter, "case cr3-beyond")
        ended("cli-spin", .line("Exiting on signal 15")).with(\.stopAfter, "case cli-spin")
        for (name, exception) in [
            ("double-fault", "exception 8 error 0x0 rip 0x1[0-9a-f]+ cr2 0x0"),
            ("msr-unknown", "exception 13 error 0x0 rip 0x1[0-9a-f]+ cr2 0x0"),
            ("tender-table", "exception 14 error 0x3 rip 0x1[0-9a-f]+ cr2 0xffff800000000100"),
            // These there are, but not for guests.
            ("msr-counter", "exception 13 error 0x0 rip 0x1[0-9a-f]+ cr2 0x0"),
            ("msr-page-attributes", "exception 13 error 0x0 rip 0x1[0-9a-f]+ cr2 0x0"),
            ("msr-system-call", "exception 13 error 0x0 rip 0x1[0-9a-f]+ cr2 0x0"),
            ("msr-kvm-clock", "exception 13 error 0x0 rip 0x1[0-9a-f]+ cr2 0x0"),
            ("write-to-readonly-cmdline", "exception 14 error 0x3 rip 0x1[0-9a-f]+ cr2 0x10100"),
        ] {
            BootCase(
                "hostile", [name], options: ["--mem=16"],
                expecting: ExpectedEnd(
                    status: 255, output: .matching("case \(name)\nABORT: \(exception)\n")))
        }
    }

    /// Where it happened, AMD's processors do not keep: KVM starts them over (0xfff0).
    static func tripleFault(at address: String) -> ExpectedEnd.Text {
        .matching(
            "pinnace: KVM: unhandled exit: exit_reason=0x8 \\(triple fault\\), "
                + "rip=(\(address)|0xfff0)\n")
    }

    /// What the host protects stays protected when the guest has page tables of its own; and there
    /// is nothing beyond memory.
    @Cases private static var protected: [BootCase] {
        for name in ["stack-overflow", "own-write-text", "own-write-rodata"] {
            ended(name, .lineWith("KVM: host/guest translation fault: rip=0x1"))
        }
        ended("mmio-hole", .lineWith("1-byte load from 0x200000000, which is not memory"))
        ended("mmio-hole-write", .lineWith("1-byte store to 0x200000000, which is not memory"))
        ended(
            "mmio-hole-float",
            .lineWith("exit_reason=0x11 (internal error, suberror 0x1), rip=0x1"))
        ended("mmio-hole-execute", .lineWith("KVM: unhandled exit: exit_reason=0x"))
    }

    /// What only looks hostile, or harms nobody but the guest.
    @Cases private static var harmless: [BootCase] {
        for (name, output) in [
            ("puts-end", "the last bytes!\n"), ("struct-end", ""), ("puts-struct-in-rodata", ""),
            ("port-string", "first\nsecond\n"), ("own-read-pagetables", "read 0x[0-9a-f]{1,2}\n"),
            ("tender-task", ""), ("own-write-pagetables", ""), ("own-write-bootinfo", ""),
            ("own-execute-data", ""),
        ] {
            BootCase(
                "hostile", [name], options: ["--mem=16"],
                expecting: .success(.matching("case \(name)\n\(output)survived\n")))
        }
    }

    /// A case at which the tender ends the guest.
    private static func ended(_ name: String, _ error: ExpectedEnd.Text) -> BootCase {
        BootCase(
            "hostile", [name], options: ["--mem=16"],
            expecting: ExpectedEnd(
                status: 1, output: .exactly("case \(name)\n"), error: error))
    }
}
