@testable import BootSupport

/// W^X and NX, one probe each. Where page tables stop the guest, it tells of a page fault; where
/// the host protects memory, the tender ends it.
extension BootCase {
    @Cases static var protection: [BootCase] {
        for probe in probes {
            fault(probe, options: ["--mem=16"])
        }
        for name in ["write-text", "write-rodata"] {
            BootCase("protect", [name], by: Invocation.hvt, expecting: translationFault(name))
        }
        relaxed
        // Where memory ends is where it ends, whatever there is of it.
        fault(("beyond-memory", 0, "0x200000"), options: ["--mem=2"])
        fault(("beyond-memory", 0, "0x100000000"), options: ["--mem=4096"])
        // Not every processor knows memory that can be executed but not read.
        BootCase(
            "protect", ["read-text"],
            expecting: .success(.matching("case read-text\ntext can(not)? be read\nSUCCESS\n")))
    }

    /// With --x-exec-heap, heap and stack may hold code, and nothing else changes.
    @Cases private static var relaxed: [BootCase] {
        let options = ["--mem=16", "--x-exec-heap"]
        for probe in probes {
            if ["exec-heap", "exec-stack"].contains(probe.name) {
                BootCase(
                    "protect", [probe.name], options: options,
                    expecting: ExpectedEnd(
                        status: 1, output: .exactly("case \(probe.name)\nFAILURE: allowed\n")))
            } else {
                fault(probe, options: options)
            }
        }
        for name in ["write-text", "write-rodata"] {
            BootCase("protect", [name], options: options, expecting: translationFault(name))
        }
    }

    private typealias Probe = (name: String, error: Int, address: String)

    /// Names of cases, the CPU's error code (Intel SDM volume 3, 4.7: 1 for a page that is there, 2
    /// for a write, 16 for an instruction fetch), and the address.
    private static let probes: [Probe] = [
        ("exec-rodata", 0x11, "0x10[0-9a-f]+"), ("exec-data", 0x11, "0x10[0-9a-f]+"),
        ("exec-heap", 0x11, "0x10[0-9a-f]+"), ("exec-stack", 0x11, "0xffff[0-9a-f]+"),
        ("read-zero", 0, "0x8"), ("write-zero", 2, "0x8"), ("exec-zero", 0x10, "0x0"),
        ("read-pagetables", 0, "0x2000"), ("write-pagetables", 2, "0x2000"),
        ("write-bootinfo", 3, "0x10000"), ("write-low", 3, "0x20000"),
        ("exec-low", 0x11, "0x20000"), ("beyond-memory", 0, "0x1000000"),
        ("beyond-4g", 0, "0x400000000"),
    ]

    private static func fault(_ probe: Probe, options: [String]) -> BootCase {
        let error = String(probe.error, radix: 16)
        return BootCase(
            "protect", [probe.name], options: options,
            expecting: .success(
                .matching(
                    "case \(probe.name)\nexception 14 error=0x\(error) rip=.* cr2=\(probe.address)\n"
                        + "SUCCESS\n")))
    }

    private static func translationFault(_ name: String) -> ExpectedEnd {
        ExpectedEnd(
            status: 1, output: .exactly("case \(name)\n"),
            error: .lineWith("KVM: host/guest translation fault: rip=0x1"))
    }
}
