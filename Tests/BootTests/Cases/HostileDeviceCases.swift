@testable import BootSupport

/// Misuse of devices: a bad handle, range or length is answered (2: invalid), a bad buffer ends the
/// guest.
extension BootCase {
    @Cases static var hostileDevices: [BootCase] {
        for kind in [Kind.disk, .network] {
            for (name, lines) in kind.answered {
                kind.hostile(name, .success(.exactly("case \(name)\n\(lines)")))
            }
            for (name, address, size) in kind.ended {
                kind.hostile(
                    name,
                    ExpectedEnd(
                        status: 1, output: .exactly("case \(name)\n"),
                        error: .matching(
                            "pinnace: Invalid guest access: gpa=\(address), sz=\(size)\n")))
            }
        }
    }
}

private enum Kind {
    case disk, network

    func hostile(_ name: String, _ expectation: ExpectedEnd) -> BootCase {
        switch self {
        case .disk:
            BootCase(
                "hostile-block", [name], options: ["--mem=16", "--block:storage=disk"],
                preparation: ["truncate -s 1M disk"], expecting: expectation)
        case .network:
            BootCase(
                "hostile-devices", [name],
                options: ["--mem=16", "--net:service=tap0", "--block:storage=disk"],
                preparation: ["truncate -s 1M disk"], taps: 1, expecting: expectation)
        }
    }

    /// Names of cases, and what the guest prints after the hypercall.
    var answered: [(String, String)] {
        switch self {
        case .disk:
            [
                ("handle-reserved", "write=2\nsurvived result=2\n"),
                ("handle-2", "write=2\nsurvived result=2\n"),
                ("handle-63", "write=2\nsurvived result=2\n"),
                ("handle-64", "write=2\nsurvived result=2\n"),
                ("handle-huge", "write=2\nsurvived result=2\n"),
                ("handle-all-ones", "write=2\nsurvived result=2\n"),
                ("block-len-ssize", "survived result=2\n"),
                ("block-len-all-ones", "survived result=2\n"),
                ("block-offset-and-data-bad", "survived result=2\n"),
                ("read-over-struct", "survived result=0\n"),
                // A guest's text is no secret to its disk.
                ("write-from-text", "survived result=0\n"),
            ]
        case .network:
            [
                ("handle-reserved", "write=2 length=64\nsurvived result=2\n"),
                ("handle-3", "write=2 length=64\nsurvived result=2\n"),
                ("handle-64", "write=2 length=64\nsurvived result=2\n"),
                ("handle-huge", "write=2 length=64\nsurvived result=2\n"),
                ("handle-all-ones", "write=2 length=64\nsurvived result=2\n"),
                ("handle-wrong-type-net", "write=2 length=64\nsurvived result=2\n"),
                ("handle-wrong-type-block", "write=2\nsurvived result=2\n"),
                ("net-write-len-huge", "survived result=2\n"),
                ("net-write-len-all-ones", "survived result=2\n"),
            ]
        }
    }

    /// Names of cases, and the access that is complained of: a pattern for its address, its size.
    /// Memory ends at 0x1000000.
    var ended: [(String, String, UInt64)] {
        switch self {
        case .disk:
            [
                ("block-data-bad", "0x1100000", 512),
                ("block-data-far", "0x8000000000000000", 512),
                ("block-data-wrap", "0xfffffffffffffff0", 512),
                ("block-data-straddles-end", "0xffff00", 512),
                ("block-write-data-bad", "0x1100000", 512),
                ("buffer-in-text", "0x100000", 512),
                ("buffer-in-rodata", "0x10[0-9a-f]+", 512),
                ("buffer-low-zero", "0x0", 512),
                ("buffer-low-pagetables", "0x2000", 512),
                ("buffer-low-bootinfo", "0x10000", 512),
                ("buffer-low-page", "0x20000", 512),
                ("buffer-into-text", "0xfff00", 512),
                ("write-from-pagetables", "0x2000", 512),
            ]
        case .network:
            [
                ("net-data-bad", "0x1100000", 64),
                ("net-data-at-end", "0x1000000", 64),
                ("net-data-straddles-end", "0xffffe0", 64),
                ("net-write-data-bad", "0x1100000", 64),
                ("net-write-data-straddles-end", "0xffffe0", 64),
                ("net-len-huge", "0x10[0-9a-f]+", 1 << 40),
                ("net-len-all-ones", "0x10[0-9a-f]+", .max),
                ("buffer-in-text", "0x100000", 64),
                ("buffer-in-rodata", "0x10[0-9a-f]+", 64),
                ("buffer-low-zero", "0x0", 64),
                ("buffer-low-pagetables", "0x2000", 64),
                ("buffer-low-bootinfo", "0x10000", 64),
                ("write-from-pagetables", "0x2000", 64),
            ]
        }
    }
}
