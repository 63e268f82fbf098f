import Tender

/// An option of `uhyve`, and its meaning here.
struct UhyveOption {
    /// The name without dashes.
    let name: String
    var letter: UInt8?
    /// The placeholder for the value in the help text; nil for a flag.
    var valueName: String?
    let help: String
    var isRepeatable = false
    /// Whether version 0.2.1 had the option. Others came with 0.5.0 or later.
    var isOld = false
    /// The environment variable that gives the value if the option is absent.
    var variable: String?
    let meaning: Meaning

    enum Meaning {
        case memory
        case network
        /// Passed to the module, as its option of this name.
        case passed(String)
        /// As `passed`, with a number above 0.
        case number(String)
        /// As `passed`; an error that the module finds in it is a usage error.
        case list(String)
        /// As `passed`, with one of these values, case-insensitively.
        case choice(String, [String])
        /// The port to wait for a debugger on, which has a default.
        case debugger
        /// A file with values for options that are not given.
        case configuration
        /// Accepted without effect, with one of these values, case-insensitively, or with any value
        /// if the list is empty.
        case idle([String])
        /// Not supported; the text is advice on alternatives.
        case refused(String)
    }

    static let all = [
        UhyveOption(
            name: "memory-size", letter: UInt8(ascii: "m"), valueName: "SIZE",
            help: "guest memory, as in 64MiB, 4G or bytes; 64MiB by default", isOld: true,
            variable: "HERMIT_MEMORY_SIZE", meaning: .memory),
        UhyveOption(
            name: "cpu-count", letter: UInt8(ascii: "c"), valueName: "N",
            help: "number of vCPUs; 1 by default", isOld: true, variable: "HERMIT_CPU_COUNT",
            meaning: .number("cpus")),
        UhyveOption(
            name: "env-vars", letter: UInt8(ascii: "e"), valueName: "NAME=VALUE|host",
            help: "a variable for the guest, or all of ours; repeatable", isRepeatable: true,
            meaning: .passed("env")),
        UhyveOption(
            name: "file-mapping", valueName: "HOST:GUEST[:ro]",
            help: "a file or directory for the guest to see; repeatable", isRepeatable: true,
            meaning: .passed("file-mapping")),
        UhyveOption(
            name: "tempdir", valueName: "DIR",
            help: "for files that are in no mapping; $TMPDIR or /tmp by default",
            meaning: .passed(temporaryDirectory)),
        UhyveOption(
            name: "net", letter: UInt8(ascii: "n"), valueName: "tap[:IFACE]",
            help: "attaches a tap interface, tap10 by default", meaning: .network),
        UhyveOption(
            name: "net-offload", valueName: "auto|off",
            help: "whether the tap takes and delivers TCP in large pieces",
            meaning: .passed("net-offload")),
        UhyveOption(
            name: "output", letter: UInt8(ascii: "o"), valueName: "FILE|none",
            help: "a new file for the guest's console, or no console", meaning: .passed("output")),
        UhyveOption(
            name: "hermit-image-mode", valueName: "MODE",
            help: "external or internal: an archive's files, or all in memory",
            meaning: .choice("hermit-image-mode", ["external", "internal"])),
        UhyveOption(
            name: "stats", help: "tells exits, hypercalls and times at the end",
            meaning: .passed("stats")),
        UhyveOption(
            name: "no-aslr", help: "puts guest and memory at fixed addresses",
            meaning: .passed("no-aslr")),
        UhyveOption(
            name: "pit", help: "adds an interval timer", isOld: true, meaning: .passed("pit")),
        UhyveOption(
            name: "affinity", letter: UInt8(ascii: "a"), valueName: "LIST",
            help: "binds each vCPU to one of the host's CPUs, as in 0,2,4-7", isOld: true,
            meaning: .list("affinity")),
        UhyveOption(
            name: "thp", help: "prefers huge pages for the guest's memory", isOld: true,
            meaning: .passed("thp")),
        UhyveOption(
            name: "ksm", help: "lets the host share equal pages of guests", isOld: true,
            meaning: .passed("ksm")),

        UhyveOption(
            name: "gdb-port", letter: UInt8(ascii: "s"), valueName: "PORT",
            help: "waits for a debugger on this local port, by default 6677", isOld: true,
            variable: "HERMIT_GDB_PORT", meaning: .debugger),

        UhyveOption(
            name: "file-isolation", valueName: "none|normal|strict",
            help: "the guest never gets out of its mappings",
            meaning: .idle(["none", "normal", "strict"])),
        UhyveOption(
            name: "io-mode", valueName: "host[=direct|=sync]",
            help: "files that are in no mapping don't outlive the guest",
            meaning: .idle([
                "host", "host=direct", "host=sync", "host=direct,sync", "host=sync,direct",
                // The spellings at the start of its help text.
                "default", "direct", "hostdirect", "hostdirectsync",
            ])),
        UhyveOption(
            name: "cpu-pm", help: "the guest's idle CPUs are left to the host", meaning: .idle([])),
        UhyveOption(
            name: "verbose", letter: UInt8(ascii: "v"),
            help: "the kernel's messages are always shown", isRepeatable: true, isOld: true,
            meaning: .idle([])),

        UhyveOption(
            name: "config", valueName: "FILE",
            help: "a file with more options, in TOML; uhyve.toml by default",
            variable: "HERMIT_CONFIG", meaning: .configuration),
        UhyveOption(
            name: "trace-dir", valueName: "DIR", help: "use --stats, or `pinnace run --trace=FILE`",
            meaning: .refused("use --stats, or `pinnace run --trace=FILE`")),
    ]

    static let help = UhyveOption(
        name: "help", letter: UInt8(ascii: "h"), help: "shows this text", meaning: .idle([]))
    static let version = UhyveOption(
        name: "version", letter: UInt8(ascii: "V"), help: "shows the version", meaning: .idle([]))

    /// The options of module Gdb.
    static let debugger = "gdb"
    static let debuggerPort = "gdb-port"

    /// The module's option for the parent of the temporary directory.
    static let temporaryDirectory = "temporary-directory"

    /// The option of `uhyve` for the module's option of this name.
    static func passing(_ name: String) -> UhyveOption? {
        all.first { option in
            switch option.meaning {
            case .passed(let target), .number(let target), .list(let target),
                .choice(let target, _):
                target == name
            case .network: name == "net"
            case .debugger: name == debugger || name == debuggerPort
            case .memory, .configuration, .idle, .refused: false
            }
        }
    }
}
