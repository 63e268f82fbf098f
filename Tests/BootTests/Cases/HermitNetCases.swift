@testable import BootSupport

/// Hermit guests' network card, with the real `ping`.
extension BootCase {
    @Cases static var hermitNet: [BootCase] {
        for (flavour, features) in [
            ("entry3", "0x10028"), ("v1-dyn", "0x100010028"), ("v3", "0x100010028"),
        ] {
            answers(flavour, features)
        }
        for flavour in ["v1-dyn", "v3"] {
            // Some cases concern frames that come in, too.
            BootCase(
                "hermit/hostile-net-\(flavour)", ["all"], options: ["--net=tap0"], taps: 1,
                expecting: .success(
                    .containing(["case queue-size-0\n", "case spinning\nsurvived ", "\nSUCCESS\n"]),
                    error: .lineWith(
                        "network card: stopped by a fault of the guest's driver, until a reset: "))
            ).with(\.meanwhile, "broadcasts 10.0.0.255 case")
        }
        unavailable
    }

    @Cases private static func answers(_ flavour: String, _ features: String) -> [BootCase] {
        let guest = "hermit/net-echo-\(flavour)"
        for (mtu, size) in [(1500, 0), (1500, 1472), (576, 548)] {
            for (wait, interrupts) in [([], "yes"), (["wait=poll"], "no")] {
                BootCase(
                    guest, ["10.0.0.2", "count=3"] + wait,
                    options: ["--net=tap0", "--net-mac=2:0:0:0:0:7"],
                    preparation: ["ip link set dev tap0 mtu \(mtu)"], taps: 1,
                    expecting: .success(
                        .matching(
                            #"pci (?s:.*)\nfeatures=\#(features) mac=02:00:00:00:00:07 link=1 "#
                                + #"mtu=\#(mtu)\nserving\n"#
                                + #"echoes=[0-9]+ interrupts=\#(interrupts)\nSUCCESS\n"#))
                ).with(\.meanwhile, "pings 10.0.0.2 -M do -s \(size)")
            }
        }
        BootCase(
            guest, ["10.0.0.2", "count=3", "line=level"], options: ["--net=tap0"], taps: 1,
            expecting: .success(.containing(["serving\ntold again\nechoes=", "\nSUCCESS\n"]))
        ).with(\.meanwhile, "pings 10.0.0.2")
        for option in [["--net=tap:tap0"], ["-n", "tap:tap0"]] {
            BootCase(
                guest, ["10.0.0.2", "count=3"], options: option, by: Invocation.uhyve, taps: 1,
                expecting: .success(.containing(["serving\nechoes=", "\nSUCCESS\n"]))
            ).with(\.meanwhile, "pings 10.0.0.2")
        }
        BootCase(
            guest, ["10.0.0.2"],
            expecting: ExpectedEnd(
                status: 1,
                output: .matching(#"pci [^\n]*\nFAILURE: no (legacy )?virtio-net device\n"#)))
    }

    @Cases private static var unavailable: [BootCase] {
        for (interface, why) in [
            ("tap0", "Network is down"), ("lo", ""), ("@77", "Bad file descriptor"), ("@x", ""),
            ("sixteen-letters-", ""), ("missing", "No such file or directory"),
        ] {
            BootCase(
                "hermit/net-echo-v3", ["10.0.0.2"], options: ["--net=\(interface)"],
                preparation: ["ip link set tap0 down"], taps: 1,
                expecting: .refusal(.lineWith("Could not attach interface: \(interface): \(why)")))
        }
        for address in ["02:00", "xx:00:00:00:00:00", "2:0:0:0:0:100"] {
            BootCase(
                "hermit/net-echo-v3", ["10.0.0.2"],
                options: ["--net=tap0", "--net-mac=\(address)"], taps: 1,
                expecting: .refusal(.lineWith("--net-mac")))
        }
    }
}
