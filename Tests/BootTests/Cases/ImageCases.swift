@testable import BootSupport

/// Files that are no guests; the tests of the image loader break each of its rules.
extension BootCase {
    @Cases static var image: [BootCase] {
        notFiles
        notGuests
        broken
        otherArchitecture
    }

    @Cases private static var notFiles: [BootCase] {
        for path in ["/", "/dev/zero", "/dev/null", "./fifo", "./directory"] {
            refused(
                path, ["mkfifo fifo", "mkdir directory"], "Could not open: not a regular file")
        }
        refused("./missing", [], "Could not open: No such file or directory")
        refused("./text/hello.hvt", [": >text"], "Could not open: Not a directory")
        refused("./loop", ["ln -s loop loop"], "Could not open: ")
    }

    @Cases private static var notGuests: [BootCase] {
        refused("./empty", [": >empty"], "Could not read the ELF header: the file is too short")
        refused("./text", ["echo 'not a guest' >text"], "the file is too short")
        refused("./zeros", ["head -c 8192 /dev/zero >zeros"], "unsupported executable")
        refused("./tender", [#"cp "$PINNACE" tender"#], "unsupported executable")
        for size in [1, 63, 64, 119, 120, 4096, 12288] {
            refused(
                "./short", [#"head -c \#(size) "$GUESTS"/hello.hvt >short"#], "is too short")
        }
    }

    /// A good guest with some bytes, written in octal, that are not.
    @Cases private static var broken: [BootCase] {
        for (offset, bytes, why) in [
            (18, #"\267\0"#, "unsupported executable"),
            (24, #"\0\0\0\0\0\0\0\0"#, "entry point 0x0 is outside guest memory"),
            (24, #"\0\0\0\0\0\0\0\377"#, "is outside guest memory"),
            // Where the program headers are, and how many.
            (32, #"\377\377\377\377\377\377\377\177"#, "Could not read the program headers"),
            (32, #"\377\377\377\377\377\377\377\377"#, "Could not read the program headers"),
            (56, #"\0\0"#, "unsupported executable"),
            (56, #"\377\377"#, "Could not read the program headers"),
        ] {
            refused("./guest", patch(at: offset, bytes), why)
        }
        // An entry point in memory, but not in text.
        BootCase(
            "./guest", options: ["--mem=4"], preparation: patch(at: 24, #"\0\0\040\0\0\0\0\0"#),
            expecting: ExpectedEnd(
                status: 1, output: .nothing,
                error: tripleFault(at: "0x200000")))
    }

    /// Described, and not run.
    @Cases private static var otherArchitecture: [BootCase] {
        BootCase(
            "aarch64/hello",
            preparation: [
                #""$PINNACE" inspect "$GUESTS"/aarch64/hello.hvt >described || echo failed >described"#
            ],
            expecting: .refusal(.lineWith("for another processor, aarch64: this one is x86_64"))
        ).with(\.afterwards, [#"grep -q "architecture *aarch64" described || status=9"#])
    }

    private static func refused(
        _ path: String, _ preparation: [String], _ why: String
    ) -> BootCase {
        BootCase(
            path, by: Invocation.hvt, preparation: preparation,
            expecting: .refusal(.lineWith(why)))
    }

    private static func patch(at offset: Int, _ bytes: String) -> [String] {
        [
            #"cp "$GUESTS"/hello.hvt guest"#,
            "printf '\(bytes)' | dd of=guest bs=1 seek=\(offset) conv=notrunc 2>/dev/null",
        ]
    }
}
