@testable import BootSupport

/// Command lines that boot nothing, as `solo5-hvt` and `pinnace run` judge them. What those print
/// in detail, the tests of the command lines know.
extension BootCase {
    @Cases static var commandLine: [BootCase] {
        options
        unattached
        undeclared
    }

    @Cases private static var options: [BootCase] {
        for options in [["--help"], ["--bogus", "--help"], ["--mem=x", "--help"]] {
            BootCase(
                nil, options: options, by: Invocation.solo5,
                expecting: .refusal(.matching("usage: solo5-hvt (?s:.*)")))
        }
        BootCase(
            nil, options: ["--version"], by: Invocation.solo5,
            expecting: ExpectedEnd(
                status: 0, output: .nothing,
                error: .matching(
                    "solo5-hvt tender, version .+\npinnace .+\nABI version 2\nABI version 1\n")))
        for options in [[], ["-"], ["--"], ["--mem=4"]] {
            BootCase(
                nil, options: options, by: Invocation.solo5,
                expecting: .refusal(.containing(["solo5-hvt: Missing KERNEL", "\nusage: "])))
        }
        for option in ["--bogus", "--help=1", "--version=1", "-m", "--mem", "--gdb"] {
            BootCase(
                "hello", options: [option], by: Invocation.solo5,
                expecting: .refusal(
                    .containing(["solo5-hvt: Invalid option: `\(option)'\nusage: "])))
        }
        BootCase(
            "hello", ["x"], options: ["--mem=4", "--"], by: Invocation.hvt,
            expecting: greeting("x"))
        BootCase(
            "hello", options: ["--no-net-ring"], by: Invocation.solo5, expecting: greeting(""))
        BootCase(nil, expecting: .refusal(.lineWith("no GUEST given")))
        BootCase(
            "hello", options: ["--bogus"], expecting: .refusal(.lineWith("unknown option --bogus")))
        BootCase(
            "hello", options: ["--men=4"], expecting: .refusal(.lineWith("did you mean --mem?")))
    }

    /// All devices that a guest declares must be attached.
    @Cases private static var unattached: [BootCase] {
        let storage = "Device 'storage' of type BLOCK_BASIC declared but not attached.\n"
        let service = "Device 'service' of type NET_BASIC declared but not attached.\n"
        BootCase(
            "block", by: Invocation.solo5,
            expecting: .refusal(.containing(["solo5-hvt: \(storage)"])))
        BootCase(
            "layout-devices", by: Invocation.solo5,
            expecting: .refusal(
                .containing(["solo5-hvt: \(storage)", "solo5-hvt: \(service)"])))
        BootCase(
            "block",
            expecting: .refusal(
                .line("device 'storage' (BLOCK_BASIC) is not attached: --block:storage=PATH")))
        BootCase(
            "devices-64",
            expecting: .refusal(
                .containing([
                    "pinnace: device 'block1' (BLOCK_BASIC) is not attached",
                    "pinnace: device 'net32' (NET_BASIC) is not attached",
                    "pinnace: device 'net63' (NET_BASIC) is not attached",
                ])))
    }

    /// Names that the guest does not know, or knows as another type.
    @Cases private static var undeclared: [BootCase] {
        for (guest, option) in [
            ("block", "--block:other=disk"), ("block", "--net:storage=tap0"),
            ("net-echo", "--block:service=disk"), ("hello", "--block-sector-size:x=512"),
            ("hello", "--net-mac:x=02:00:00:00:00:01"),
        ] {
            let name = option.split(separator: ":")[1].prefix { $0 != "=" }
            BootCase(
                guest, options: [option], preparation: ["truncate -s 1M disk"],
                expecting: .refusal(.lineWith("Resource not declared in manifest: '\(name)'")))
            BootCase(
                guest, options: [option], by: Invocation.solo5,
                preparation: ["truncate -s 1M disk"],
                expecting: .refusal(
                    .containing([
                        "solo5-hvt: Resource not declared in manifest: '\(name)'\n",
                        "solo5-hvt: Invalid option: `\(option)'\nusage: ",
                    ])))
        }
        BootCase(
            "net-echo", ["10.0.0.2"], options: ["--net:service=nosuchtap"], by: [.native, .link],
            expecting: .refusal(
                .containing(["Could not attach interface: nosuchtap: No such file"])))
    }
}
