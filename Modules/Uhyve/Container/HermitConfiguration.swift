import Tender

/// What an archive's hermit.toml says (spec 14).
struct HermitConfiguration: Equatable {
    /// The path of the kernel in the archive.
    private(set) var kernel = ""
    private(set) var kernelArguments: [String] = []
    private(set) var applicationArguments: [String] = []
    /// Each reads NAME=VALUE.
    private(set) var environment: [String] = []
    /// How much memory the guest needs at least, in bytes.
    private(set) var memory: UInt64?
    /// How many vCPUs it needs at least.
    private(set) var cpuCount: UInt64?

    init(_ text: [UInt8]) throws(TOMLError) {
        var version: String?
        for entry in try TOML(text).entries {
            switch (entry.table, entry.key, entry.value) {
            case ("", "version", .string(let value)): version = value
            case ("", "kernel", .string(let value)): kernel = value
            case ("input", "kernel_args", .strings(let values)): kernelArguments = values
            case ("input", "app_args", .strings(let values)): applicationArguments = values
            case ("input", "env_vars", .strings(let values)):
                for value in values
                where value.utf8.first == UInt8(ascii: "=")
                    || !value.utf8.contains(UInt8(ascii: "="))
                {
                    throw TOMLError("env_vars: '\(value)' is not NAME=VALUE", line: entry.line)
                }
                environment = values
            case ("requirements", "memory", .string(let value)):
                guard let size = ByteCount.parse(value) else {
                    throw TOMLError("memory: '\(value)' is not a size", line: entry.line)
                }
                memory = size
            case ("requirements", "cpus", .number(let value)): cpuCount = value
            default:
                let table = entry.table.isEmpty ? "" : "[\(entry.table)] "
                throw TOMLError(
                    "\(table)\(entry.key) is unknown, or not of this type", line: entry.line)
            }
        }
        guard version == "1" else {
            throw TOMLError("version \(version.map { "'\($0)'" } ?? "") is not '1'", line: 1)
        }
        guard !kernel.isEmpty else { throw TOMLError("it names no kernel", line: 1) }
    }

    /// What the guest gets if the command line has no arguments.
    var arguments: [[UInt8]] {
        let separator = applicationArguments.isEmpty ? [] : ["--"]
        return (kernelArguments + separator + applicationArguments).map { Array($0.utf8) }
    }
}
