@testable import BootSupport

/// Guests that need no device.
extension BootCase {
    @Cases static var basic: [BootCase] {
        hello
        arguments
        time
        exit
        exception
        console
        processor
    }

    @Cases private static var hello: [BootCase] {
        BootCase("hello", by: Invocation.hvt, expecting: greeting(""))
        for guest in ["hello", "hello-abi1"] {
            BootCase(
                guest, ["one", "two"], by: Invocation.hvt, expecting: greeting("one two"))
        }
        // All that follows the guest's name is the guest's.
        for arguments in [
            [""], ["", ""], ["a", "", "b"], ["a", ""], ["a b  c"], [" a "],
            ["--mem=1", "--help", "--version", "--bogus", "--", "-"],
            ["--", "--block:storage=x", "hello.hvt"],
            ["'", "\"", "\\n", "$HOME", "*", "\t", "é"],
        ] {
            BootCase(
                "hello", arguments, by: Invocation.hvt,
                expecting: greeting(arguments.joined(separator: " ")))
        }
    }

    static func greeting(_ commandLine: String) -> ExpectedEnd {
        .success(.exactly("Hello, World\nhello: cmdline=\"\(commandLine)\"\nSUCCESS\n"))
    }

    @Cases private static var arguments: [BootCase] {
        BootCase(
            "arguments", ["first", "", "2nd second"], by: Invocation.hvt,
            expecting: .success(
                .exactly(
                    """
                    word 1 length=5
                    first
                    word 2 length=3
                    2nd
                    word 3 length=6
                    second
                    words=3 length=17
                    SUCCESS

                    """)))
        BootCase("arguments", expecting: .success(.exactly("words=0 length=0\nSUCCESS\n")))
        BootCase(
            "arguments", [String(repeating: "x", count: 8191)], by: Invocation.hvt,
            expecting: .success(.containing(["\nwords=1 length=8191\nSUCCESS\n"])))
        // Nothing but separators.
        BootCase(
            "arguments", [String](repeating: "", count: 8192), by: Invocation.hvt,
            expecting: .success(.exactly("words=0 length=8191\nSUCCESS\n")))
        for tooMany in [
            [String(repeating: "x", count: 8192)], [String](repeating: "", count: 8193),
        ] {
            BootCase(
                "arguments", tooMany, by: Invocation.hvt,
                expecting: .refusal(
                    .line("guest command line of 8192 characters is too long, the maximum is 8191"))
            )
        }
    }

    @Cases private static var time: [BootCase] {
        BootCase("time", ["sleep=1000000"], expecting: .success())
        BootCase("poll", expecting: .success())
        BootCase("simd", expecting: .success(.exactly("sum=7485470 millionths\nSUCCESS\n")))
        BootCase("bench-halt", by: Invocation.hvt, expecting: .success(.nothing))
    }

    /// The low 8 bits are the tender's status.
    @Cases private static var exit: [BootCase] {
        for status in [0, 1, 7, 254, 255, 256, 263, -1, Int(Int32.min), Int(Int32.max)] {
            BootCase(
                "exit", ["\(status)"], by: Invocation.hvt,
                expecting: ExpectedEnd(
                    status: Int32(status & 0xFF),
                    output: .exactly("exit status=\(status) cookie=0x0\n")))
        }
        BootCase(
            "exit", ["3", "cookie=end"], options: ["--mem=4"],
            expecting: ExpectedEnd(status: 3, output: .exactly("exit status=3 cookie=0x3ffe00\n")))
        BootCase(
            "exit", ["3", "cookie=past-end"], options: ["--mem=4"],
            expecting: ExpectedEnd(
                status: 1, output: .exactly("exit status=3 cookie=0x3ffe01\n"),
                error: .line("Invalid guest access: gpa=0x3ffe01, sz=512")))
    }

    @Cases private static var exception: [BootCase] {
        for (name, exception) in [
            ("divide", "exception 0 error 0x0 rip 0x1[0-9a-f]+ cr2 0x0"),
            ("invalid-opcode", "exception 6 error 0x0 rip 0x1[0-9a-f]+ cr2 0x0"),
            ("page-fault", "exception 14 error 0x2 rip 0x1[0-9a-f]+ cr2 0x400000000"),
            ("general-protection", "exception 13 error 0x0 rip 0x1[0-9a-f]+ cr2 0x0"),
            ("ring3", "exception 14 error 0x6 rip 0x1[0-9a-f]+ cr2 0x400000000"),
        ] {
            BootCase(
                "exception", [name], by: [.native, .link],
                expecting: ExpectedEnd(
                    status: 255, output: .matching("case \(name)\nABORT: \(exception)\n")))
        }
        BootCase(
            "exception", ["recover"], expecting: .success(.exactly("case recover\nSUCCESS\n")))
    }

    /// The same processor, whatever the host has.
    @Cases private static var processor: [BootCase] {
        BootCase(
            "processor",
            expecting: .success(
                .matching(
                    "(?:cpuid [0-9a-f. ]+\n)+brand Pinnace\ninvariant counter [01]\nSUCCESS\n")))
    }

    /// Every byte, in order, in pieces smaller and larger than any buffer on the way.
    @Cases private static var console: [BootCase] {
        for (lines, size) in [(1000, 9), (300, 4096), (3, 1_048_576)] {
            BootCase(
                "many-puts", ["lines=\(lines)", "size=\(size)"],
                expecting: .success(
                    .exactly((0..<lines).map { line($0, size) }.joined() + "SUCCESS\n")))
        }
    }

    private static func line(_ number: Int, _ size: Int) -> String {
        let digits = String(repeating: "0", count: 8 - "\(number)".count) + "\(number)"
        let letter = String(UnicodeScalar(UInt8(ascii: "a") + UInt8(number % 26)))
        return digits + String(repeating: letter, count: size - 9) + "\n"
    }
}
