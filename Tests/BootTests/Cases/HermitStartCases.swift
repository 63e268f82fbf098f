@testable import BootSupport

/// Hermit guests of every flavour: their first moments, memory and vCPUs.
extension BootCase {
    @Cases static var hermitStart: [BootCase] {
        for flavour in HermitFlavour.all {
            greetings(flavour)
            states(flavour)
            sizes(flavour)
        }
        processors
        timers
    }

    @Cases private static func greetings(_ flavour: HermitFlavour) -> [BootCase] {
        for arguments in [[], ["--"], ["-m", "--help", "--", "--mem=1"]] {
            let guest = "hermit/hello-\(flavour.name)"
            // What is before `--` is for the kernel, and this guest shows both.
            let shown = arguments.filter { $0 != "--" }.joined(separator: " ")
            let output = """
                hello by descriptor 1
                hello by serial buffer
                hello by serial byte
                \(flavour.versions)
                arguments: \(shown)
                SUCCESS

                """
            BootCase(guest, arguments, expecting: .success(.exactly(output)))
            // Here the first `--` ends the options.
            BootCase(
                guest, ["--"] + arguments, by: Invocation.uhyve,
                expecting: .success(.exactly(output)))
        }
    }

    /// The guest looks at all that it was given, and fails if something is not as it must be.
    @Cases private static func states(_ flavour: HermitFlavour) -> [BootCase] {
        let guest = "hermit/boot-\(flavour.name)"
        let nothing = flavour.hasDeviceTree ? ["\nno bootargs\nno mounts\n"] : []
        let arguments = ["k=1", "--", "a b"]
        let all =
            flavour.hasDeviceTree
            ? ["\nbootargs env=A=b k=1 -- 'a b'\n\(flavour.mounts)\n"] : []
        BootCase(
            guest, options: ["--no-aslr"], by: Invocation.hermit,
            expecting: .success(
                .containing(
                    [
                        "ram=\(flavour.memoryStart)-\(flavour.end(ofMebibytes: 64))\n", " cpus=1 ",
                        "SUCCESS\n",
                    ] + nothing)))
        BootCase(
            guest, arguments,
            options: ["--mem=128", "--cpus=3", "--env=A=b", "--file-mapping=.:/root", "--pit"],
            expecting: .success(.containing([" cpus=3 ", "SUCCESS\n"] + all)))
        BootCase(
            guest, ["--"] + arguments,
            options: ["-m", "128MiB", "-c3", "-e", "A=b", "--file-mapping", ".:/root", "--pit"],
            by: Invocation.uhyve, expecting: .success(.containing([" cpus=3 ", "SUCCESS\n"] + all)))
    }

    /// The least, the most and what is beyond.
    @Cases private static func sizes(_ flavour: HermitFlavour) -> [BootCase] {
        let guest = "hermit/boot-\(flavour.name)"
        for mebibytes in [16, 18, 1024, flavour.mostMebibytes] {
            BootCase(
                guest, options: ["--no-aslr", "--mem=\(mebibytes)"],
                expecting: .success(
                    .containing([
                        "ram=\(flavour.memoryStart)-\(flavour.end(ofMebibytes: mebibytes))\n",
                        "SUCCESS\n",
                    ])))
        }
        BootCase(
            guest, options: ["--mem=\(flavour.mostMebibytes + 2)"],
            expecting: .refusal(
                .line(
                    "guest memory of \(flavour.mostMebibytes + 2) MiB: guests with uhyve interface "
                        + "version \(flavour.interface) can have up to \(flavour.mostMebibytes) MiB"
                )))
        for mebibytes in [2, 14, 17] {
            BootCase(
                guest, options: ["--mem=\(mebibytes)"],
                expecting: .refusal(
                    .line(
                        "guest memory of \(mebibytes) MiB: Hermit guests need a multiple "
                            + "of 2 MiB, at least 16 MiB")))
        }
    }

    @Cases private static var processors: [BootCase] {
        for flavour in ["v1-legacy-dyn", "v3", "entry2"] {
            for count in [1, 2, 4, 16] {
                let online = (0..<count).map { "cpu \($0) online\n" }.joined()
                BootCase(
                    "hermit/smp-\(flavour)", options: ["--cpus=\(count)"],
                    expecting: .success(
                        .exactly("cpus \(count)\n\(online)counted \(500 * count)\nSUCCESS\n")))
            }
            BootCase(
                "hermit/smp-\(flavour)", by: Invocation.uhyve,
                preparation: ["export HERMIT_CPU_COUNT=3"],
                expecting: .success(.containing(["cpus 3\n", "cpu 2 online\n", "SUCCESS\n"])))
        }
    }

    @Cases private static var timers: [BootCase] {
        for flavour in ["v1-legacy", "v3"] {
            for (mode, count) in [("deadline", 1), ("one-shot", 1), ("periodic", 3)] {
                for arguments in [[mode], [mode, "memory"]] {
                    BootCase(
                        "hermit/timer-\(flavour)", arguments,
                        expecting: .success(
                            .matching("\(mode) fired [\(count)-9] times\nSUCCESS\n")))
                }
            }
        }
    }
}

/// What a flavour of Hermit guests stands for (Tests/Guests/hermit/README.md).
struct HermitFlavour {
    let name: String
    let entry: Int
    var interface = 1
    /// The kernel's minor version, 0 for not told.
    var kernel = 0

    static let all = [
        HermitFlavour(name: "v1-legacy", entry: 4),
        HermitFlavour(name: "v1-legacy-dyn", entry: 4),
        HermitFlavour(name: "v1-tag8", entry: 4, kernel: 8),
        HermitFlavour(name: "v1-fixed", entry: 4, kernel: 12),
        HermitFlavour(name: "v1-dyn", entry: 4, kernel: 12),
        HermitFlavour(name: "v2", entry: 4, interface: 2, kernel: 14),
        HermitFlavour(name: "v2-fixed", entry: 4, interface: 2, kernel: 14),
        HermitFlavour(name: "v3", entry: 4, interface: 3, kernel: 14),
        HermitFlavour(name: "entry3", entry: 3),
        HermitFlavour(name: "entry2", entry: 2),
    ]

    var versions: String { "entry=\(entry) interface=\(interface) tag=0.\(kernel).0" }

    /// Arguments come in it, except to the oldest kernels.
    var hasDeviceTree: Bool { entry == 4 }

    /// What old kernels, which pass paths without the root, see of `/root`.
    /// What the device tree says of a mapping to /root, which is the root of older kernels' paths.
    var mounts: String { kernel < 10 ? "no mounts" : "mount /root" }

    /// With interface version 1 memory ends at 3 GiB; later it starts at 4 GiB, and ends at 512.
    var mostMebibytes: Int { interface == 1 ? 3 << 10 : 508 << 10 }
    private var start: UInt64 { interface == 1 ? 0 : 4 << 30 }
    var memoryStart: String { Self.hexadecimal(start) }

    func end(ofMebibytes size: Int) -> String { Self.hexadecimal(start + UInt64(size) << 20) }

    private static func hexadecimal(_ number: UInt64) -> String {
        "0x" + String(number, radix: 16)
    }
}
