import Bytes
import Linux
import Programs
import TOML
import Tender

/// A configuration file of `uhyve`: a TOML table for each group of options, whose names have
/// underscores for dashes.
struct UhyveConfiguration {
    let path: String
    private let root: TOMLTable

    /// The tables, and the options that each can have.
    private static let tables: [(name: String, options: [String])] = [
        (
            "uhyve",
            [
                "output", "stats", "tempdir", "hermit-image-mode", "file-isolation", "io-mode",
                "gdb-port",
            ]
        ),
        ("memory", ["memory-size", "no-aslr", "thp", "ksm"]),
        ("cpu", ["cpu-count", "cpu-pm", "pit", "affinity"]),
        ("guest", ["env-vars"]),
    ]

    init(path: String, _ text: [UInt8]) throws(CommandError) {
        self.path = path
        do throws(TextError) {
            root = try TOMLTable.parse(text)
        } catch {
            throw Self.failure(path, line: error.line, error.text)
        }
    }

    /// The options that the file gives.
    ///
    /// - Parameter warn: gets a line for each unknown key, which `uhyve` ignores as well.
    func options(_ warn: (String) -> Void) throws(CommandError) -> [UhyveLine.Given] {
        var given: [UhyveLine.Given] = []
        for entry in root.entries {
            let known = Self.tables.first { $0.name == entry.key }
            guard let known else {
                let near = nearMiss(entry.key, among: Self.tables.map { $0.name })
                warn(location(entry.line) + Self.unknown("[\(entry.key)]", near.map { "[\($0)]" }))
                continue
            }
            guard case .table(let table) = entry.value else {
                throw failure(entry.line, "\(entry.key) is not a table")
            }
            for entry in table.entries {
                let name = "[\(known.name)] \(entry.key)"
                if let option = Self.option(entry.key, among: known.options) {
                    guard let values = Self.values(entry.value, of: option) else {
                        throw failure(entry.line, "\(name) is not \(Self.type(of: option))")
                    }
                    given += values.map {
                        UhyveLine.Given(
                            option: option, value: $0, name: location(entry.line) + printable(name))
                    }
                } else if Self.option(entry.key, among: UhyveOption.all.map { $0.name }) != nil {
                    warn(location(entry.line) + "\(printable(name)) can't be here, and is not used")
                } else {
                    let near = nearMiss(entry.key, among: known.options.map(Self.key))
                    warn(location(entry.line) + Self.unknown(name, near))
                }
            }
        }
        return given
    }

    private static func unknown(_ name: String, _ near: String?) -> String {
        "\(printable(name)) is unknown, and not used"
            + (near.map { ": did you mean \($0)?" } ?? "")
    }

    // MARK: Errors

    private func location(_ line: Int) -> String { "\(path), line \(line): " }

    private func failure(_ line: Int, _ text: String) -> CommandError {
        Self.failure(path, line: line, text)
    }

    private static func failure(_ path: String, line: Int, _ text: String) -> CommandError {
        CommandError("\(path), line \(line): \(printable(text))")
    }

    // MARK: Options

    /// An option's key in the file.
    private static func key(_ option: String) -> String {
        let dash = UInt8(ascii: "-")
        return String(
            decoding: option.utf8.map { $0 == dash ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
    }

    private static func option(_ key: String, among names: [String]) -> UhyveOption? {
        UhyveOption.all.first { names.contains($0.name) && Self.key($0.name) == key }
    }

    /// The values in the command line's form; nil if the type is wrong.
    private static func values(_ value: TOMLValue, of option: UhyveOption) -> [String]? {
        if option.valueName == nil {
            guard case .boolean(let isGiven) = value else { return nil }
            return isGiven ? [""] : []
        }
        if option.isRepeatable { return value.strings }
        if case .string(let text) = value { return takesNumber(option) ? nil : [text] }
        if case .integer(let number) = value, number >= 0 {
            if case .memory = option.meaning { return [String(number)] }
            return takesNumber(option) ? [String(number)] : nil
        }
        guard option.name == "affinity", case .array(let elements) = value else { return nil }
        var numbers: [String] = []
        for element in elements {
            guard case .integer(let number) = element else { return nil }
            numbers.append(String(number))
        }
        return [numbers.joined(separator: ",")]
    }

    /// Whether the value in the file is a number rather than a string.
    private static func takesNumber(_ option: UhyveOption) -> Bool {
        switch option.meaning {
        case .number, .debugger: true
        default: false
        }
    }

    private static func type(of option: UhyveOption) -> String {
        if option.valueName == nil { return "true or false" }
        if option.isRepeatable { return "an array of strings" }
        if takesNumber(option) { return "a whole number" }
        if case .memory = option.meaning { return "a string such as '64MiB', or a number of bytes" }
        return option.name == "affinity"
            ? "a string such as '0,2', or an array of whole numbers" : "a string"
    }
}

// MARK: Finding the file

extension UhyveLine {
    /// Adds the options of a configuration file, with lower precedence than those given: of the
    /// file that `--config` names, else of the first default file that exists. As in `uhyve`, files
    /// are not merged.
    mutating func addConfiguration(
        _ environment: [[UInt8]], warn: (String) -> Void
    ) throws(CommandError) {
        guard let config = UhyveOption.all.first(where: { $0.name == "config" }) else { return }
        let given = options.first { $0.option.name == config.name }
        let path = given?.value
        guard
            let path = path ?? Self.configurationPaths(environment).first(where: OptionFile.exists)
        else { return }
        let configuration = try Self.configuration(path, given?.name)
        // A default file counts as `--config`: version 0.2.1 had no configuration files.
        let found = given == nil ? [Given(option: config, value: path, name: path)] : []
        do throws(CommandError) {
            try addBeneath(found + configuration.options(warn))
        } catch {
            // The error is in the file, not in the command line.
            throw CommandError(lines: error.lines)
        }
    }

    /// - Parameter name: the option that names the file, for messages; nil for a default file.
    private static func configuration(
        _ path: String, _ name: String?
    ) throws(CommandError) -> UhyveConfiguration {
        let text: [UInt8]
        do throws(InputError) {
            text = try OptionFile.read(path, limit: TOMLTable.largestText)
        } catch {
            throw CommandError(
                (name.map { "\($0): " } ?? "") + "\(path): Could not read: \(error)")
        }
        return try UhyveConfiguration(path: path, text)
    }

    /// The paths of default configuration files.
    private static func configurationPaths(_ environment: [[UInt8]]) -> [String] {
        guard let home = environment.value(of: "XDG_CONFIG_HOME"), !home.isEmpty else {
            return ["uhyve.toml"]
        }
        return ["uhyve.toml", String(decoding: home, as: UTF8.self) + "/uhyve/uhyve.toml"]
    }
}
