import Bytes
import TOML
import Tender

/// The content of a Hermit image's hermit.toml.
package struct HermitConfiguration: Equatable {
    /// The path of the kernel in the archive.
    package private(set) var kernel = ""
    private(set) var kernelArguments: [String] = []
    private(set) var applicationArguments: [String] = []
    /// NAME=VALUE each.
    package private(set) var environment: [String] = []
    /// The minimum size of guest memory, in bytes.
    package private(set) var memory: UInt64?
    /// The minimum number of vCPUs.
    package private(set) var cpuCount: UInt64?

    init(_ text: [UInt8]) throws(TextError) {
        var version: String?
        for entry in try TOMLTable.parse(text).entries {
            switch (entry.key, entry.value) {
            case ("version", .string(let value)): version = value
            case ("kernel", .string(let value)): kernel = value
            case ("input", .table(let table)):
                for entry in table.entries { try addInput(entry) }
            case ("requirements", .table(let table)):
                for entry in table.entries { try addRequirement(entry) }
            default: throw Self.unknown(entry)
            }
        }
        guard version == "1" else {
            throw TextError("version \(version.map { "'\($0)'" } ?? "") is not '1'", line: 1)
        }
        guard !kernel.isEmpty else { throw TextError("it names no kernel", line: 1) }
    }

    private mutating func addInput(_ entry: TOMLTable.Entry) throws(TextError) {
        guard let values = entry.value.strings else { throw Self.unknown(entry, in: "input") }
        switch entry.key {
        case "kernel_args": kernelArguments = values
        case "app_args": applicationArguments = values
        case "env_vars":
            for value in values
            where value.utf8.first == UInt8(ascii: "=")
                || !value.utf8.contains(UInt8(ascii: "="))
            {
                throw TextError("env_vars: '\(value)' is not NAME=VALUE", line: entry.line)
            }
            environment = values
        default: throw Self.unknown(entry, in: "input")
        }
        // The guest gets these as C strings, which can't hold a NUL.
        guard !values.contains(where: { $0.utf8.contains(0) }) else {
            throw TextError("\(entry.key): a string holds a NUL", line: entry.line)
        }
    }

    private mutating func addRequirement(_ entry: TOMLTable.Entry) throws(TextError) {
        switch (entry.key, entry.value) {
        case ("memory", .string(let value)):
            guard let size = ByteCount.parse(value) else {
                throw TextError("memory: '\(value)' is not a size", line: entry.line)
            }
            memory = size
        case ("cpus", .integer(let value)) where value >= 0: cpuCount = UInt64(value)
        default: throw Self.unknown(entry, in: "requirements")
        }
    }

    private static func unknown(_ entry: TOMLTable.Entry, in table: String? = nil) -> TextError {
        let prefix = table.map { "[\($0)] " } ?? ""
        return TextError(
            "\(prefix)\(entry.key) is unknown, or not of this type", line: entry.line)
    }

    /// The guest's arguments if the command line has none.
    package var arguments: [[UInt8]] {
        let separator = applicationArguments.isEmpty ? [] : ["--"]
        return (kernelArguments + separator + applicationArguments).map { Array($0.utf8) }
    }
}
