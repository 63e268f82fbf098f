import HVT
import Programs
import Tender

/// The usage text of `solo5-hvt`.
enum Solo5Usage {
    static func text(_ program: String, _ modules: [RegisteredModule]) -> String {
        let modules = modules.filter { $0.manifest.observes || $0.manifest.guests == HVTKind.name }
        let options = modules.flatMap { $0.manifest.options }.filter { !$0.isNativeOnly }
        return """
            usage: \(program) [ CORE OPTIONS ] [ MODULE OPTIONS ] [ -- ] KERNEL [ ARGS ]

            KERNEL is the unikernel to run.
            ARGS are passed to it, with a space between each two.

            Core options:
            \(columns(core))
            Compiled-in modules: core \(modules.map { $0.manifest.name }.joined(separator: " "))

            Module options:
            \(columns(options.map { ($0.isValueOptional ? "--\($0.name)" : $0.form, $0.help) }))
            """
    }

    private static let core = [
        ("--help", "shows this text"),
        ("--version", "shows the version of the program and of the guest ABIs"),
        ("--mem=MEGABYTES", "guest memory in MiB, 512 by default"),
    ]
}
