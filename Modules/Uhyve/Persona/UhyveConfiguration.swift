import Linux
import Programs
import TOML
import Tender

/// What a configuration file of `uhyve` says: a table for each group of options, in which an option's
/// dashes are underscores.
struct UhyveConfiguration {
    let path: String
    private let root: TOMLTable

    /// Which options can be in which table.
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

    init(path: String, _ text: [UInt8]) throws(UhyveFailure) {
        self.path = path
        do throws(TOMLError) {
            root = try TOMLTable.parse(text)
        } catch {
            throw Self.failure(path, line: error.line, error.text)
        }
    }

    /// What it gives.
    ///
    /// - Parameter warn: is told of what `uhyve` knows nothing of: it passes over that as well.
    func options(_ warn: (String) -> Void) throws(UhyveFailure) -> [UhyveLine.Given] {
        var given: [UhyveLine.Given] = []
        for entry in root.entries {
            let known = Self.tables.first { $0.name == entry.key }
            guard let known else {
                let near = nearMiss(entry.key, among: Self.tables.map { $0.name })
                warn(place(entry.line) + Self.unknown("[\(entry.key)]", near.map { "[\($0)]" }))
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
                            option: option, value: $0, name: place(entry.line) + printable(name))
                    }
                } else if Self.option(entry.key, among: UhyveOption.all.map { $0.name }) != nil {
                    warn(place(entry.line) + "\(printable(name)) can't be here, and is not used")
                } else {
                    let near = nearMiss(entry.key, among: known.options.map(Self.key))
                    warn(place(entry.line) + Self.unknown(name, near))
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

    private func place(_ line: Int) -> String { "\(path), line \(line): " }

    private func failure(_ line: Int, _ text: String) -> UhyveFailure {
        Self.failure(path, line: line, text)
    }

    private static func failure(_ path: String, line: Int, _ text: String) -> UhyveFailure {
        .tender(["\(path), line \(line): \(printable(text))"])
    }

    // MARK: Options

    /// How an option is written in the file.
    private static func key(_ option: String) -> String {
        let dash = UInt8(ascii: "-")
        return String(
            decoding: option.utf8.map { $0 == dash ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
    }

    private static func option(_ key: String, among names: [String]) -> UhyveOption? {
        UhyveOption.all.first { names.contains($0.name) && Self.key($0.name) == key }
    }

    /// The values as the command line has them; nil if the type is wrong.
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

    /// Whether it is a number in the file, and no text.
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

// MARK: Where it is

extension UhyveLine {
    /// Puts the values of a configuration file beneath what is given: of the one that is given or, if
    /// none is, of the first that is there. As with `uhyve`, one file counts and no other.
    mutating func addConfiguration(
        _ environment: [[UInt8]], warn: (String) -> Void
    ) throws(UhyveFailure) {
        guard let config = UhyveOption.all.first(where: { $0.name == "config" }) else { return }
        let given = options.first { $0.option.name == config.name }
        let path = given?.value
        guard
            let path = path ?? Self.configurationPaths(environment).first(where: OptionFile.exists)
        else { return }
        let configuration = try Self.configuration(path, given?.name)
        // One that was found counts as if it were given: version 0.2.1 knew none.
        let found = given == nil ? [Given(option: config, value: path, name: path)] : []
        do throws(UhyveFailure) {
            try addBeneath(found + configuration.options(warn))
        } catch {
            // The command line is not at fault.
            throw .tender(error.lines)
        }
    }

    /// - Parameter name: of the option that names the file, if one does.
    private static func configuration(
        _ path: String, _ name: String?
    ) throws(UhyveFailure) -> UhyveConfiguration {
        let text: [UInt8]
        do throws(OptionFileError) {
            text = try OptionFile.read(path, limit: TOMLTable.largestText)
        } catch {
            throw .tender([(name.map { "\($0): " } ?? "") + "\(path): Could not read: \(error)"])
        }
        return try UhyveConfiguration(path: path, text)
    }

    /// Where a configuration file may be if none is given.
    private static func configurationPaths(_ environment: [[UInt8]]) -> [String] {
        guard let home = environment.value(of: "XDG_CONFIG_HOME"), !home.isEmpty else {
            return ["uhyve.toml"]
        }
        return ["uhyve.toml", String(decoding: home, as: UTF8.self) + "/uhyve/uhyve.toml"]
    }
}
