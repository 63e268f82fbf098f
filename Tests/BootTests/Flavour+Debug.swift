import Foundation
import TestSupport
import Testing

extension Flavour {
    /// The same with the modules that look into guests. The regular flavour has them if the tests
    /// were built with them.
    var debugPath: String {
        switch self {
        case .regular: path
        case .release: Host.setting("PINNACE_RELEASE_DEBUG", otherwise: ".build/pinnace-debug")
        }
    }

    static let debugBuilt = allCases.filter { access($0.debugPath, X_OK) == 0 }

    /// Starts a guest of ours.
    func startDebug(
        _ guest: String, _ arguments: [String] = [], options: [String]
    ) throws -> ChildProcess {
        try ChildProcess(debugPath, ["run"] + options + [Host.guest(guest)] + arguments)
    }
}
