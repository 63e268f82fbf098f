@testable import BootSupport

/// The network, with the real `ping`.
extension BootCase {
    @Cases static var net: [BootCase] {
        echo
        transfers
        refused
        manyDevices
        BootCase(
            "net-two", ["left=10.0.0.2", "right=10.0.1.2", "count=3"],
            options: ["--net:right=tap1", "--net:left=tap0"], by: Invocation.hvt, taps: 2,
            expecting: .success(
                .matching(
                    "left handle=1\nright handle=2\nserving\n"
                        + "left echoes=\(some)\nright echoes=\(some)\nSUCCESS\n"))
        ).with(\.meanwhile, "pings 10.0.0.2 & pings 10.0.1.2 && wait $!")
        BootCase(
            "net-poll", ["count=5"], options: ["--net:service=tap0"], taps: 1,
            expecting: .success(.exactly("waiting\nevery ready bit was true\nSUCCESS\n"))
        ).with(\.meanwhile, "broadcasts 10.0.0.255 waiting")
        BootCase(
            "net-hostile", options: ["--net:service=tap0"], taps: 1,
            expecting: .success(
                .exactly(
                    """
                    write length=0 result=2
                    write length=1 result=2
                    write length=13 result=2
                    write length=14 result=0
                    write length=1514 result=0
                    write length=1515 result=0
                    write length=65535 result=2
                    write length=65536 result=2
                    read room=0 result=1
                    read room=1 result=1
                    SUCCESS

                    """)))
    }

    /// Frames of all sizes up to the MTU, without fragmentation.
    @Cases private static var echo: [BootCase] {
        for (mtu, size) in [(1500, 0), (1500, 1472), (9000, 8972), (576, 548)] {
            BootCase(
                "net-echo", ["10.0.0.2", "count=3"],
                options: ["--net:service=tap0", "--net-mac:service=2:0:0:0:0:7"],
                by: Invocation.hvt, preparation: ["ip link set dev tap0 mtu \(mtu)"], taps: 1,
                expecting: .success(
                    .matching(
                        "mac=02:00:00:00:00:07 mtu=\(mtu)\nserving\nechoes=\(some)\nSUCCESS\n"))
            ).with(\.meanwhile, "pings 10.0.0.2 -M do -s \(size)")
        }
    }

    /// TCP both ways, by hypercalls and by the ring, with offloads and without: the guest looks at all
    /// checksums.
    @Cases private static var transfers: [BootCase] {
        for (options, mode, mtu) in [
            ([], "hypercalls", 1500), ([], "ring", 1500), (["--net-offload=auto"], "ring", 9000),
            (["--net-offload=off"], "hypercalls", 1500), (["--net-offload=off"], "ring", 9000),
        ] {
            BootCase(
                "bench-tcp", ["10.0.0.2", "mode=\(mode)", "verify=1", "count=2"],
                options: ["--mem=32", "--net:service=tap0"] + options, by: Invocation.hvt,
                preparation: ["ip link set dev tap0 mtu \(mtu)"], taps: 1,
                expecting: .success(.exactly("serving\nreceived=2000000\nSUCCESS\n"))
            ).with(\.meanwhile, transfer("10.0.0.2"))
        }
        BootCase(
            "net-echo", ["10.0.0.2"], options: ["--net:service=tap0", "--net-offload=on"],
            by: Invocation.hvt, taps: 1,
            expecting: .refusal(.containing(["net-offload is auto or off"])))
    }

    /// Sends 2 MB to the guest, and receives 1 MB from it, which must be right.
    private static func transfer(_ address: String) -> String {
        let script = """
            exec 3<>/dev/tcp/\(address)/9 && head -c 2000000 /dev/zero >&3 && exec 3>&- && \
            exec 3<>/dev/tcp/\(address)/19 && printf "\\x40\\x42\\x0f\\0\\0\\0\\0\\0" >&3 && \
            head -c 1000000 <&3 | cmp - <(head -c 1000000 /dev/zero | tr "\\0" x)
            """
        return "said serving; timeout 60 bash -c '\(script)'"
    }

    @Cases private static var refused: [BootCase] {
        // Two devices can't share an interface.
        BootCase(
            "net-two", options: ["--net:left=tap0", "--net:right=tap0"], by: Invocation.hvt,
            taps: 1,
            expecting: .refusal(
                .containing(["Could not attach interface: tap0: Device or resource busy"])))
        for (interface, why) in [
            ("tap0", "Network is down"), ("lo", ""), ("@77", "Bad file descriptor"), ("@", ""),
            ("@x", ""), ("@1", ""), ("@-1", ""), ("sixteen-letters-", ""), ("tap%d", ""),
        ] {
            BootCase(
                "net-echo", ["10.0.0.2"], options: ["--net:service=\(interface)"],
                by: Invocation.hvt, preparation: ["ip link set tap0 down"], taps: 1,
                expecting: .refusal(
                    .containing(["Could not attach interface: \(interface): \(why)"])))
        }
        for address in ["02:00", "02:00:00:00:00:00:00", "xx:00:00:00:00:00", "2:0:0:0:0:100"] {
            BootCase(
                "net-echo", ["10.0.0.2"],
                options: ["--net:service=tap0", "--net-mac:service=\(address)"],
                by: Invocation.hvt, taps: 1,
                expecting: .refusal(.containing(["--net-mac:service"])))
        }
    }

    /// The largest manifest there is, with network devices at 32 and 63; the others are disks.
    @Cases private static var manyDevices: [BootCase] {
        for (poll, ready, address) in [
            (0, "0x0 result=0", nil), (10, "0x100000000 result=1", "10.0.0.255"),
            (10, "0x8000000000000000 result=1", "10.0.1.255"),
        ] {
            BootCase(
                "devices-64", ["poll=\(poll)000000000"], options: devices,
                by: Invocation.hvt, preparation: diskFiles, taps: 2,
                expecting: .success(.exactly(devicesReport + "ready_set=\(ready)\nSUCCESS\n"))
            ).with(\.meanwhile, address.map { "broadcasts \($0) net63" })
        }
        BootCase(
            "devices-64", options: devices.dropLast(), preparation: diskFiles, taps: 2,
            expecting: .refusal(.lineWith("device 'net63' (NET_BASIC) is not attached")))
    }

    private static let disks = (1...62).filter { $0 != 32 }
    private static let devices =
        disks.map { "--block:block\($0)=\($0)" } + ["--net:net32=tap0", "--net:net63=tap1"]
    private static let diskFiles = disks.map { "truncate -s 4096 \($0)" }

    /// Result 0 is OK, 1 is AGAIN.
    private static let devicesReport = (1...63).map { number in
        disks.contains(number)
            ? "device \(number) name=block\(number) type=BLOCK_BASIC attached=1 result=0\n"
            : "device \(number) name=net\(number) type=NET_BASIC attached=1 result=1\n"
    }.joined()

    /// Three, and those requests that had been waiting for them.
    private static let some = "([3-9]|[1-9][0-9]+)"
}
