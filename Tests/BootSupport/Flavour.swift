import Foundation
import TestSupport
import Testing

/// One of the two programs that are made from the same sources.
enum Flavour: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case regular
    case release

    /// Those that boot tests can use; `FlavourTests` tells which is missing.
    static let built = allCases.filter { $0.isBuilt }

    var path: String {
        switch self {
        case .regular:
            // SwiftPM builds it beside the tests.
            Bundle.main.bundleURL.appendingPathComponent("pinnace").path
        case .release: Host.setting("PINNACE_RELEASE", otherwise: ".build/pinnace")
        }
    }

    /// The release binary before it is stripped.
    static let unstripped = Host.setting(
        "PINNACE_UNSTRIPPED", otherwise: ".build/embedded-full/release/pinnace")

    static let lackOfSymbols =
        access(unstripped, X_OK) == 0 ? nil : "\(unstripped), with symbols, is missing"

    var isBuilt: Bool { access(path, X_OK) == 0 }

    /// That it is not built, if it is not.
    var lack: String? { isBuilt ? nil : "\(path) is missing, so nothing is tested with it" }

    var testDescription: String { rawValue }

    /// Starts a guest of ours.
    func start(
        _ guest: String, _ arguments: [String] = [], options: [String] = [],
        input: ChildProcess.Stream = .null, out: ChildProcess.Stream = .pipe
    ) throws -> ChildProcess {
        try ChildProcess(
            path, ["run"] + options + [Host.guest(guest)] + arguments, input: input, out: out)
    }

    /// Runs a guest of ours to its end.
    func run(
        _ guest: String, _ arguments: [String] = [], options: [String] = []
    ) throws -> ChildProcess.Outcome {
        try start(guest, arguments, options: options).wait()
    }
}
