/// Which cases are attacks that Security.md lists: runs of them are named after these.
extension BootCase {
    /// What the case is part of, if it is an attack.
    var attack: String? {
        let words = [guest, arguments.first].compactMap { $0 }
        return Self.attacks.first { $0.cases.contains(where: words.contains) }?.name
    }

    /// Attacks, and what their cases are called: by a guest's name or path, or by the first word
    /// that it gets. The first that fits counts.
    static let attacks: [(name: String, cases: [String])] = [
        (
            "attack 01: addresses and lengths that overflow",
            [
                "puts-far-pointer", "puts-wrap", "puts-huge", "struct-far", "struct-straddles-4g",
                "block-data-far", "block-data-wrap", "net-len-huge", "net-len-all-ones",
            ]
        ),
        (
            "attack 02: buffers that end beyond memory",
            [
                "puts-bad-pointer", "puts-straddles-end", "puts-past-end", "puts-nothing-at-end",
                "puts-nothing-beyond", "puts-end", "cookie-bad", "cookie-straddles-end",
                "block-data-bad", "block-data-straddles-end", "block-write-data-bad",
                "net-data-bad", "net-data-at-end", "net-data-straddles-end", "net-write-data-bad",
                "net-write-data-straddles-end",
            ]
        ),
        (
            "attack 03: arguments that are not wholly in memory",
            [
                "struct-beyond", "struct-straddles-end", "poll-struct-beyond",
                "poll-struct-straddles-end", "halt-struct-beyond", "struct-end",
            ]
        ),
        ("attack 04: a read over its own request", ["read-over-struct"]),
        (
            "attack 05: handles of no device",
            [
                "handle-reserved", "handle-2", "handle-3", "handle-63", "handle-64", "handle-huge",
                "handle-all-ones", "handle-wrong-type-net", "handle-wrong-type-block",
            ]
        ),
        (
            "attack 06: impossible ranges of a disk",
            ["block-len-ssize", "block-len-all-ones", "block-offset-and-data-bad"]
        ),
        ("attack 07: writes to a read-only disk", ["block-readonly"]),
        (
            "attack 08: a guest's frames of impossible sizes",
            ["net-hostile", "net-write-len-huge", "net-write-len-all-ones"]
        ),
        ("attack 11: a network ring with nothing in it, or all that fits", ["kicks", "full"]),
        ("attack 10: a network ring out of order", ["hostile-ring"]),
        (
            "attack 14: ports and accesses that are no hypercalls",
            [
                "port-byte", "port-word", "port-in", "port-in-byte", "port-string-in",
                "port-string", "port-unknown", "port-unknown-byte", "port-unknown-in",
                "port-below", "port-kick", "port-kick-byte", "hypercall-0", "hypercall-4",
                "hypercall-5", "hypercall-6", "hypercall-7", "hypercall-9", "hypercall-15",
            ]
        ),
        (
            "attack 15: exits that a guest can force",
            [
                "hlt", "triple-fault", "double-fault", "cr3-garbage", "cr3-beyond", "cli-spin",
                "stack-overflow", "mmio-hole", "mmio-hole-write", "mmio-hole-execute",
                "mmio-hole-float", "tender-port", "tender-stub", "tender-table", "tender-task",
            ]
        ),
        (
            "attack 16: memory used against its permissions",
            [
                "protect", "own-write-text", "own-write-rodata", "write-to-readonly-cmdline",
                "struct-in-text", "struct-in-rodata", "struct-in-bootinfo", "struct-in-pagetables",
                "struct-at-zero", "puts-struct-at-zero", "buffer-in-text", "buffer-in-rodata",
                "buffer-low-zero", "buffer-low-pagetables", "buffer-low-bootinfo",
                "buffer-low-page", "buffer-into-text", "write-from-pagetables",
            ]
        ),
        ("attack 17: registers that there are not", ["msr-unknown"]),
        (
            "attack 17: registers of no use to guests",
            ["msr-counter", "msr-page-attributes", "msr-system-call", "msr-kvm-clock"]
        ),
        ("attack 20: headers that lie", ["./guest", "./short", "./zeros"]),
        (
            "attack 22: paths of no regular file",
            ["/", "/dev/zero", "/dev/null", "./fifo", "./directory", "./loop", "./empty"]
        ),
    ]
}
