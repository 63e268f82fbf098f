import HVT
import Programs
import Tender

/// The usage text of `solo5-hvt`.
enum Solo5Usage {
    static func text(_ program: String, _ modules: [RegisteredModule]) -> String {
        let modules = served(modules)
        return """
            usage: \(program) \(synopsis)

            KERNEL is the unikernel to run.
            ARGS are passed to it, with a space between each two.

            Core options:
            \(columns(core.map { ($0.form, $0.help) }))
            Compiled-in modules: core \(modules.map { $0.manifest.name }.joined(separator: " "))

            Module options:
            \(columns(options(modules).map { ($0.form, $0.help) }))
            """
    }

    static func description(
        _ program: String, _ modules: [RegisteredModule]
    ) -> CommandDescription {
        let modules = served(modules)
        var description = CommandDescription(
            name: program, synopsis: [synopsis],
            summary: "runs a Solo5 unikernel in a virtual machine",
            about: """
                Runs KERNEL, a unikernel of Solo5 for hvt, and passes ARGS to it, with a space between
                each two. Every device that it declares must be attached: NAME is the device's. Standard
                output is the unikernel's console.

                This is pinnace, called by another name: command line, messages and exit statuses are
                those of Solo5's tender. The exit status is the unikernel's, 255 if it gave up, or 1 if
                it could not run to its end.

                Compiled-in modules: core \(modules.map { $0.manifest.name }.joined(separator: " ")).

                """)
        description.options = [
            .init("Core options", core), .init("Module options", options(modules)),
        ]
        description.runsGuest = true
        return description
    }

    private static let synopsis = "[ CORE OPTIONS ] [ MODULE OPTIONS ] [ -- ] KERNEL [ ARGS ]"

    /// Those that serve Solo5 guests.
    private static func served(_ modules: [RegisteredModule]) -> [RegisteredModule] {
        modules.filter { $0.manifest.observes || $0.manifest.guests == HVTKind.name }
    }

    /// Values are never optional here: there is none then.
    private static func options(_ modules: [RegisteredModule]) -> [DescribedOption] {
        modules.flatMap { $0.manifest.options }.filter { !$0.isNativeOnly }.map {
            var option = DescribedOption($0)
            if option.isValueOptional { option.valueName = nil }
            option.isValueOptional = false
            return option
        }
    }

    private static var core: [DescribedOption] {
        [
            OptionSpecification(name: "help", help: "shows this text"),
            OptionSpecification(
                name: "version", help: "shows the version of the program and of the guest ABIs"),
            OptionSpecification(
                name: "mem", valueName: "MEGABYTES", help: "guest memory in MiB, 512 by default"),
        ].map { DescribedOption($0) }
    }
}
