import Foundation
import TestSupport

/// The flavours as they are built with the modules that look into guests.
extension Flavour {
    var debugPath: String {
        switch self {
        case .regular: path
        case .release: Host.setting("PINNACE_RELEASE_DEBUG", otherwise: ".build/pinnace-debug")
        }
    }

    /// Those that tests of such modules can use; `DebugFlavourTests` tells which is missing.
    static let debugBuilt = allCases.filter { $0.debugLack == nil }

    /// What is missing, if something is.
    var debugLack: String? {
        guard access(debugPath, X_OK) == 0 else {
            return "\(debugPath) is missing, so nothing is tested with it"
        }
        #if Dumpcore && Gdb && Trace
            return nil
        #else
            return self == .regular ? "the tests were not built with trait Debug" : nil
        #endif
    }

    /// Starts a guest of ours.
    func startDebug(
        _ guest: String, _ arguments: [String] = [], options: [String] = [],
        as name: String? = nil
    ) throws -> ChildProcess {
        let command = name.map { ["--as", $0] } ?? ["run"]
        return try ChildProcess(debugPath, command + options + [Host.guest(guest)] + arguments)
    }

    /// Runs a guest of ours to its end.
    func runDebug(
        _ guest: String, _ arguments: [String] = [], options: [String] = [],
        as name: String? = nil
    ) throws -> ChildProcess.Outcome {
        try startDebug(guest, arguments, options: options, as: name).wait()
    }
}
