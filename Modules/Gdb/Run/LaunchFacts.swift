import CLinux
import Linux
import Tender

/// The launch as the debugger's thread sees it: the program's name and the names of hypercalls.
struct LaunchFacts {
    /// The name that messages begin with.
    let program: String
    private let names: [(number: Int32, name: String)]

    init(program: String, modules: [ModuleManifest]) {
        self.program = program
        names = modules.flatMap { $0.hypercalls.map { ($0.number, $0.name) } }
    }

    func name(ofCall number: Int32) -> String {
        names.first { $0.number == number }?.name ?? "hypercall \(number)"
    }

    func say(_ line: String) {
        Output.write("\(program): \(line)\n", to: STDERR_FILENO)
    }
}
