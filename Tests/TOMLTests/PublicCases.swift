import Foundation
import TestSupport

/// The public test suite of TOML (github.com/toml-lang/toml-test), out of a source archive on PyPI
/// that carries it.
struct PublicCases {
    private static let package = "tomlkit"
    private static let version = "0.15.2"

    /// Of TOML 1.0: paths below `directory`.
    let files: [String]
    private let directory: String

    /// It is fetched once, and kept in the build folder.
    static let shared = Result { try PublicCases() }

    /// Why there is none here, if so.
    static var obstacle: String? {
        switch shared {
        case .success: nil
        case .failure(let error): "no public test cases: \(error)"
        }
    }

    private init() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent(".build/toml-test").path
        let name = "\(Self.package)-\(Self.version)"
        directory = "\(folder)/\(name)/tests/toml-test/tests"
        let list = "\(directory)/files-toml-1.0.0"
        if access(list, R_OK) != 0 {
            try Self.command(
                "mkdir -p '\(folder)' && cd '\(folder)' && "
                    + "python3 -m pip download --quiet --no-deps --no-binary \(Self.package) "
                    + "\(Self.package)==\(Self.version) && tar -xzf \(name).tar.gz")
        }
        files = try String(contentsOfFile: list, encoding: .utf8).split(separator: "\n")
            .map { String($0) }.filter { $0.hasSuffix(".toml") }
    }

    private static func command(_ text: String) throws {
        let outcome = try ChildProcess.run("/bin/sh", ["-c", text], timeout: 120)
        guard outcome.status == 0 else {
            let line = outcome.error.split(separator: "\n").last.map { String($0) }
            throw Unavailable(description: line ?? "not fetched in 120 s")
        }
    }

    struct Unavailable: Error, CustomStringConvertible {
        let description: String
    }

    func bytes(_ file: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(file)")))
    }

    /// What a valid case means.
    func meaning(_ file: String) throws -> Any {
        let json = try bytes(file.dropLast(5) + ".json")
        return try JSONSerialization.jsonObject(with: Data(json))
    }
}
