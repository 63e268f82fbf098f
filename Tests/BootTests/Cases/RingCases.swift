import Foundation

@testable import BootSupport

/// The network ring of newer guests.
extension BootCase {
    @Cases static var ring: [BootCase] {
        served
        room
        misused
        // What the guest has left there reaches the network; counted by the kernel.
        BootCase(
            "net-last", ["count=5"], options: ["--net:service=tap0", "--net-ring=on"],
            by: Invocation.hvt, taps: 1,
            expecting: .success(.exactly("SUCCESS\n5 frames\n"))
        ).with(\.afterwards, [#"awk '/tap0:/ { print $3 " frames" }' /proc/net/dev"#])
    }

    /// By default: where there is a CPU for the worker. The other machine has two.
    private static let usual =
        ProcessInfo.processInfo.activeProcessorCount > 1
        ? (size: 30, place: 30) : (size: 32, place: 0)

    /// By default, on and off; with one interface and two; with an MTU above what the guest sends
    /// by the ring.
    @Cases private static var served: [BootCase] {
        for (options, size, place) in [
            ([], usual.size, usual.place), (["--net-ring=auto"], usual.size, usual.place),
            (["--net-ring=on"], 30, 30), (["--net-ring=sync"], 30, 30),
            (["--net-ring=off"], 32, 0), (["--no-net-ring"], 32, 0),
        ] {
            BootCase(
                "net-ring", ["service=10.0.0.2", "count=3"],
                options: ["--mem=32", "--net:service=tap0"] + options, by: Invocation.hvt, taps: 1,
                expecting: .success(.exactly(report(size, place)))
            ).with(\.meanwhile, pings("10.0.0.2", size: 1472))
        }
        for options in [["--net-ring=on"], ["--no-net-ring"]] {
            BootCase(
                "net-ring", ["service=10.0.0.2", "count=3"],
                options: ["--net:service=tap0"] + options,
                preparation: ["ip link set dev tap0 mtu 9000"], taps: 1,
                expecting: .success(
                    .exactly(options == ["--net-ring=on"] ? report(510, 510) : report(512, 0)))
            ).with(\.meanwhile, pings("10.0.0.2", size: 8972))
        }
        BootCase(
            "net-ring-two", ["left=10.0.0.2", "right=10.0.1.2", "count=3"],
            options: ["--mem=32", "--net:left=tap0", "--net:right=tap1"], taps: 2,
            expecting: .success(.exactly(report(usual.size, usual.place)))
        ).with(
            \.meanwhile,
            "\(pings("10.0.0.2", size: 56)) & \(pings("10.0.1.2", size: 56)) && wait $!")
        // A guest that does not know the ring keeps all of its memory, unless it is told otherwise.
        for (options, size) in [([], 32), (["--net-ring=on"], 30)] {
            BootCase(
                "layout-devices",
                options: ["--mem=32", "--net:service=tap0", "--block:storage=disk"] + options,
                preparation: ["truncate -s 1M disk"], taps: 1,
                expecting: .success(
                    .containing(["mem_size=0x\(String(size << 20, radix: 16))\n", "SUCCESS\n"])))
        }
        BootCase(
            "net-ring", options: ["--net:service=tap0", "--net-ring=thread"], by: Invocation.hvt,
            taps: 1, expecting: .refusal(.containing(["net-ring is auto, on, sync or off"])))
    }

    /// The guest's image ends past 3 MiB.
    @Cases private static var room: [BootCase] {
        for (memory, size, place, isTold) in [(4, 4, 0, true), (6, 4, 4, false)] {
            BootCase(
                "net-ring", ["service=10.0.0.2", "count=3"],
                options: ["--mem=\(memory)", "--net:service=tap0", "--net-ring=sync"],
                by: Invocation.hvt, taps: 1,
                expecting: .success(
                    .exactly(report(size, place)),
                    error: isTold
                        ? .lineWith("4 MiB of memory are too few for the shared network ring")
                        : .nothing)
            ).with(\.meanwhile, pings("10.0.0.2", size: 56))
        }
    }

    private static func report(_ size: Int, _ place: Int) -> String {
        "mem_size=\(size) MiB ring=\(place) MiB\nserving\nSUCCESS\n"
    }

    private static func pings(_ address: String, size: Int) -> String {
        "pings \(address) -M do -s \(size)"
    }

    // MARK: Misuse

    @Cases private static var misused: [BootCase] {
        for (name, output) in answered {
            hostile(name, .success(.exactly("case \(name)\n\(output)survived\n")))
        }
        for (name, address, size) in ended {
            hostile(name, failure(name, "Invalid guest access: gpa=\(address), sz=\(size)"))
        }
        for (name, count) in outOfOrder {
            hostile(
                name,
                failure(name, "Invalid guest ring: \(count) of at most 1024 places in use"))
        }
        for name in ["kick-byte", "kick-word", "kick-read"] {
            hostile(name, failure(name, "Invalid guest port access: port=0x600"))
        }
    }

    private static func hostile(_ name: String, _ expectation: ExpectedEnd) -> BootCase {
        BootCase(
            "hostile-ring", [name], options: ["--mem=16", "--net:service=tap0"],
            taps: 1, expecting: expectation)
    }

    private static func failure(_ name: String, _ text: String) -> ExpectedEnd {
        ExpectedEnd(
            status: 1, output: .containing(["case \(name)\n"]),
            error: .matching("pinnace: \(text)\n"))
    }

    /// Names of cases, and what the guest prints afterwards.
    private static let answered = [
        ("read-handle-0", "result=2 len=0\nent_head=1 com_tail=1\n"),
        ("read-handle-2", "result=2 len=0\nent_head=1 com_tail=1\n"),
        ("read-handle-all-ones", "result=2 len=0\nent_head=1 com_tail=1\n"),
        ("write-handle-0", "ent_head=1 com_tail=0\n"),
        ("write-handle-all-ones", "ent_head=1 com_tail=0\n"),
        ("write-short", "ent_head=1 com_tail=0\n"),
        ("write-huge", "ent_head=1 com_tail=0\n"),
        ("read-nothing", "result=1 len=0\nent_head=1 com_tail=1\n"),
        ("operation-0", "ent_head=1 com_tail=0\n"),
        ("operation-all-ones", "ent_head=1 com_tail=0\n"),
        ("full", "ent_head=1024 com_tail=1024\n"),
        ("kicks", "ent_head=0 com_tail=0\n"),
        (
            "rewritten",
            "result=1 len=0\nent_head=1 com_tail=1\nsurvived\nent_head=2 com_tail=2\n"
        ),
    ]

    /// Names of cases, and the access that is complained of.
    private static let ended: [(String, String, UInt64)] = [
        ("read-to-text", "0x100000", 64), ("read-to-tables", "0x2000", 64),
        ("read-to-nowhere", "0x8000000000000000", 64), ("read-wraps", "0xfffffffffffffff0", 64),
        ("read-huge", "0x10[0-9a-f]+", 4_294_967_295), ("write-from-tables", "0x2000", 64),
        ("write-from-nowhere", "0x8000000000000000", 64),
    ]

    /// Names of cases, and how many places of the ring would be in use.
    private static let outOfOrder = [
        ("full-and-one", 1024), ("tail-1025", 1025), ("tail-back", 4_294_967_295),
        ("com-head-ahead", 4_294_967_295), ("com-head-behind", 1024),
    ]
}
