@testable import BootSupport

/// Disks. What they hold afterwards, `BlockTests` looks at.
extension BootCase {
    @Cases static var block: [BootCase] {
        disks
        sectorSizes
        backing
        readOnly
    }

    @Cases private static var disks: [BootCase] {
        disk("block", expecting: .success())
        disk("block-abi1", expecting: .success())
        disk("block", file: "a disk's file", expecting: .success())
        disk(
            "block", size: "512",
            expecting: .success(.containing(["capacity=512 block_size=512\n"])))
        // Far more than there is memory, and none of it there yet.
        disk("block", size: "8G", expecting: .success(.containing(["capacity=8589934592 "])))
        BootCase(
            "block-two", options: ["--block:two=second", "--block:one=first"],
            by: Invocation.hvt,
            preparation: ["truncate -s 1M first", "truncate -s 64K second"],
            expecting: .success(
                .exactly("one handle=1 capacity=1048576\ntwo handle=2 capacity=65536\nSUCCESS\n")))
    }

    @Cases private static var sectorSizes: [BootCase] {
        for size in [512, 1024, 2048, 4096, 8192, 16384, 32768] {
            // The option may come before the disk or after it.
            BootCase(
                "block", options: ["--block-sector-size:storage=\(size)", "--block:storage=disk"],
                by: [.native, .link], preparation: ["truncate -s 1M disk"],
                expecting: .success(.containing(["capacity=1048576 block_size=\(size)\n"])))
        }
        for size in ["0", "1", "256", "511", "513", "1000", "65536", "66048", "512x", "-512"] {
            disk(
                "block", options: ["--block-sector-size:storage=\(size)"],
                expecting: .refusal(
                    .containing(["Block size must be a multiple of 2 greater than or equal 512"])))
        }
        disk(
            "block", size: "1536", options: ["--block-sector-size:storage=1024"],
            expecting: .refusal(.lineWith("Backing storage size must be block aligned")))
    }

    @Cases private static var backing: [BootCase] {
        disk(
            "block", size: "1000",
            expecting: .refusal(.lineWith("Backing storage size must be block aligned")))
        disk(
            "block", size: "0",
            expecting: .refusal(.lineWith("Backing storage size must be at least 1 block")))
        for (file, why) in [
            ("missing", "No such file or directory"), ("here", "Is a directory"), ("fifo", ""),
            ("/dev/null", ""),
        ] {
            BootCase(
                "block", options: ["--block:storage=\(file)"], by: Invocation.hvt,
                preparation: ["mkdir here", "mkfifo fifo"],
                expecting: .refusal(.lineWith("Could not open block device: \(file): \(why)")))
        }
        // What the host can't store is an error for the guest, and for nobody else.
        BootCase(
            "block", options: ["--block:storage=disk"], by: Invocation.hvt,
            preparation: ["truncate -s 1M disk", "ulimit -f 1"],
            expecting: ExpectedEnd(
                status: 1,
                output: .exactly(
                    """
                    storage handle=1 capacity=1048576 block_size=512
                    transfer offset=0 size=512
                    transfer offset=1048064 size=512
                    FAILURE: write result=3

                    """)))
        // One guest's two disks are two writers, too.
        BootCase(
            "block-two", options: ["--block:one=disk", "--block:two=disk"],
            by: Invocation.hvt, preparation: ["truncate -s 1M disk"],
            expecting: .refusal(.lineWith("disk is in use by another process")))
    }

    @Cases private static var readOnly: [BootCase] {
        BootCase(
            "block-readonly", options: ["--block-ro:storage=disk"],
            preparation: ["truncate -s 1M disk"],
            expecting: .success(.exactly("read result=0\nwrite result=2\nSUCCESS\n")))
        // The guest itself expects to be refused.
        disk(
            "block-readonly",
            expecting: ExpectedEnd(status: 1, output: .containing(["FAILURE: not refused\n"])))
        // Two readers share the file; the guest, which wants to write, is refused.
        BootCase(
            "block-two", options: ["--block-ro:one=disk", "--block-ro:two=disk"],
            preparation: ["truncate -s 1M disk"],
            expecting: ExpectedEnd(status: 1, output: .containing(["FAILURE: write\n"])))
        BootCase(
            "block", options: ["--block-ro:storage=disk"], by: Invocation.solo5,
            preparation: ["truncate -s 1M disk"],
            expecting: .refusal(.containing(["Invalid option: `--block-ro:storage=disk'"])))
    }

    /// A guest with one disk.
    private static func disk(
        _ guest: String, file: String = "disk", size: String = "1M", options: [String] = [],
        expecting expectation: ExpectedEnd
    ) -> BootCase {
        BootCase(
            guest, options: ["--block:storage=\(file)"] + options, by: Invocation.hvt,
            preparation: ["truncate -s \(size) \(Shell.quoted(file))"], expecting: expectation)
    }
}
