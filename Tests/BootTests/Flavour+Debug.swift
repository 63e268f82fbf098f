import Foundation
import TestSupport

/// The flavours with the modules that look into guests.
extension Flavour {
    static let debugging = allCases.filter { $0.lackOfDebugger == nil }

    var debugPath: String {
        switch self {
        case .regular: path
        case .release: Host.setting("PINNACE_RELEASE_DEBUG", otherwise: ".build/pinnace-debug")
        }
    }

    /// What is missing of it, if anything is.
    var lackOfDebugger: String? {
        let built = try? ChildProcess.run(debugPath, ["manifest"])
        return built?.output.contains("(trait Gdb)") == true
            ? nil : "\(debugPath) is missing, or was built without module gdb"
    }
}
