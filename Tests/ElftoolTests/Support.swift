import Foundation
import Programs
import Testing

@testable import Elftool

/// The text of a manifest with these devices, each a name and a type.
func manifest(_ devices: [(name: String, type: String)]) -> String {
    let entries = devices.map { #"    { "name": "\#($0.name)", "type": "\#($0.type)" }"# }
    return """
        {
          "type": "solo5.manifest",
          "version": 1,
          "devices": [
        \(entries.joined(separator: ",\n"))
          ]
        }

        """
}

/// As many devices as asked for, each of another name.
func numberedDevices(_ count: Int) -> [(name: String, type: String)] {
    (0..<count).map { (name: "device\($0)", type: $0 % 2 == 0 ? "NET_BASIC" : "BLOCK_BASIC") }
}

func parse(_ text: String) throws(CommandError) -> ManifestSource {
    try ManifestSource(Array(text.utf8), from: "m.json")
}

/// What the user is told of the manifest `text`, or nil if it is accepted.
func complaint(_ text: String) -> String? {
    do throws(CommandError) {
        _ = try parse(text)
        return nil
    } catch {
        return ElftoolProgram.shown(error.text)
    }
}

/// A folder of its own for a test, gone when the test is.
final class Folder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory
            .appendingPathComponent("elftool-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    func path(_ name: String) -> String {
        url.appendingPathComponent(name).path
    }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    func read(_ name: String) throws -> String {
        try String(contentsOfFile: path(name), encoding: .utf8)
    }

    func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
    }
}

/// What a program did that has ended.
struct Outcome: Equatable {
    var status: Int32
    var output = ""
    var error = ""
}

/// Runs `program`; `output`, if given, is a file to be its standard output.
func run(
    _ program: String, _ arguments: [String], input: String = "", output: String? = nil
) throws -> Outcome {
    let folder = try Folder()
    try folder.write(input, to: "in")
    try folder.write("", to: "out")
    try folder.write("", to: "err")
    // Files and not pipes: nothing has to be drained while the program runs.
    let standardInput: FileHandle = try #require(FileHandle(forReadingAtPath: folder.path("in")))
    let standardOutput: FileHandle = try #require(
        FileHandle(forWritingAtPath: output ?? folder.path("out")))
    let standardError: FileHandle = try #require(FileHandle(forWritingAtPath: folder.path("err")))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardInput = standardInput
    process.standardOutput = standardOutput
    process.standardError = standardError
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    return Outcome(
        status: process.terminationStatus, output: try folder.read("out"),
        error: try folder.read("err"))
}

/// The program under test, which the build puts beside the tests.
let pinnace = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("pinnace").path

/// Runs `solo5-elftool` with these arguments.
func elftool(
    _ arguments: String..., input: String = "", output: String? = nil
) throws -> Outcome {
    try run(pinnace, ["--as", "solo5-elftool"] + arguments, input: input, output: output)
}
