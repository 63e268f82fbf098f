import HVT
import JSON
import Programs
import Tender

/// The persona `solo5-elftool`, which reads the notes of Solo5 images and makes manifest notes.
package final class ElftoolPersona: Persona {
    package static let name = "solo5-elftool"

    package init() {}

    package var names: [String] { [Self.name] }
    package var command: String? { "elftool" }

    package func description(_ registry: Registry) -> CommandDescription {
        var description = CommandDescription(
            name: Self.name,
            synopsis: ElftoolCommand.allCases.map {
                ([$0.name] + $0.operands).joined(separator: " ")
            },
            summary: "reads the notes of Solo5 images, and makes manifest notes",
            about: """
                query-manifest writes the devices that an image declares, and query-abi the ABI that it
                was built for, as JSON. gen-manifest turns such JSON into C source for the manifest note.
                SOURCE and OUTPUT can be - for standard input and output. `pinnace elftool` is the same.

                """)
        description.commands = ElftoolCommand.allCases.map {
            .init(
                name: $0.name, operands: $0.operands.joined(separator: " "), summary: $0.meaning)
        }
        return description
    }

    package func run(
        _ arguments: ArraySlice<Argument>, as name: String, in context: ProgramContext
    ) -> Int32 {
        ElftoolProgram(name: name, streams: context.streams).run(Array(arguments))
    }
}

/// The command line of `solo5-elftool`: the commands, messages and exit statuses of Solo5's.
struct ElftoolProgram {
    /// The name that messages begin with.
    let name: String
    let streams: Streams

    /// - Parameter arguments: without the program's name.
    /// - Returns: 0, or 1 after a message.
    func run(_ arguments: [Argument]) -> Int32 {
        do throws(CommandError) {
            try dispatch(arguments)
            return 0
        } catch {
            if error.isUsage { streams.complain(usage) }
            for line in error.lines { streams.complain("\(name): \(Self.shown(line))\n") }
            return 1
        }
    }

    /// A message without what a terminal would interpret: keys and file names are untrusted.
    static func shown(_ message: String) -> String {
        var shown = ""
        for scalar in message.unicodeScalars {
            if scalar.isUnprintable {
                shown += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }

    /// As that of Solo5's, which has no option for it: any wrong command shows it.
    private var usage: String {
        let commands = ElftoolCommand.allCases.map {
            "    \(([$0.name] + $0.operands).joined(separator: " ")):\n        \($0.summary)\n"
        }
        return "usage: \(name) COMMAND ...\n\(name) version \(version)\n\nCOMMAND is:\n"
            + commands.joined()
    }

    private func dispatch(_ arguments: [Argument]) throws(CommandError) {
        guard let first = arguments.first?.text,
            let command = ElftoolCommand.allCases.first(where: { $0.name == first }),
            arguments.count == 1 + command.operands.count
        else { throw .usage() }
        switch command {
        case .generateManifest:
            try generateManifest(FilePath(arguments[1]), FilePath(arguments[2]))
        case .queryABI: streams.print(try Self.abi(of: arguments[1]))
        case .queryManifest: streams.print(try Self.manifest(of: arguments[1]))
        }
    }

    private func generateManifest(
        _ source: FilePath, _ output: FilePath
    ) throws(CommandError) {
        let file = try SourceFile(source)
        let manifest = try ManifestSource(file.contents, from: file.name)
        let text = noteSource(for: manifest)
        if output.isStandardStream { return streams.print(text) }
        try writeOutput(Array(text.utf8), to: output)
    }

    private static func abi(of binary: Argument) throws(CommandError) -> String {
        let abi = try reading(binary) { (file) throws(ImageError) in try GuestABI(of: file) }
        return """
            {
              "type": "solo5.abi",
              "target": "\(abi.knownTargetName ?? "unknown")",
              "version": \(abi.version)
            }

            """
    }

    private static func manifest(of binary: Argument) throws(CommandError) -> String {
        let manifest = try reading(binary) { (file) throws(ImageError) in
            try ApplicationManifest(of: file)
        }
        let devices = manifest.devices.map {
            #"    { "name": \#(JSON.string($0.name).line), "type": "\#($0.type)" }"#
        }
        return """
            {
              "type": "solo5.manifest",
              "version": 1,
              "devices": [
            \(devices.joined(separator: ",\n"))\(devices.isEmpty ? "" : "\n")  ]
            }

            """
    }

    /// Reads an image; errors get the words of Solo5's tool.
    private static func reading<Value>(
        _ binary: Argument, _ body: (ImageFile) throws(ImageError) -> Value
    ) throws(CommandError) -> Value {
        let path = binary.text
        do throws(ImageError) {
            return try body(ImageFile(path: path))
        } catch {
            switch error.problem {
            case .noABINote:
                throw CommandError("\(path): No Solo5 ABI information found in executable")
            case .noManifestNote:
                throw CommandError("\(path): No Solo5 manifest found in executable")
            case .manifest(let why):
                throw CommandError("\(path): Manifest validation failed: \(why)")
            default: throw CommandError(error.description)
            }
        }
    }
}

/// The commands of `solo5-elftool`.
enum ElftoolCommand: CaseIterable {
    case generateManifest, queryABI, queryManifest

    var name: String {
        switch self {
        case .generateManifest: "gen-manifest"
        case .queryABI: "query-abi"
        case .queryManifest: "query-manifest"
        }
    }

    var operands: [String] { self == .generateManifest ? ["SOURCE", "OUTPUT"] : ["BINARY"] }

    /// As Solo5's tool describes it.
    var summary: String {
        switch self {
        case .generateManifest:
            "Generate application manifest from SOURCE, writing to OUTPUT."
        case .queryABI: "Display the ABI target and version from BINARY."
        case .queryManifest: "Display the application manifest from BINARY."
        }
    }

    /// As `pinnace` describes its commands.
    var meaning: String {
        switch self {
        case .generateManifest: "turns a manifest into C source for the note"
        case .queryABI: "tells the ABI that an image was built for"
        case .queryManifest: "tells the devices that an image declares"
        }
    }
}
