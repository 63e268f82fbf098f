import CLinux
import Linux
import Tender

/// What the debugger's side knows of the launch besides the guest itself.
struct LaunchFacts {
    /// What messages begin with.
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
