import Programs

/// The help text of `uhyve`.
enum UhyveUsage {
    static var text: String {
        """
        usage: uhyve [OPTIONS] KERNEL [ARGS]

        Runs KERNEL, a Hermit unikernel. Options can be anywhere before the first --, which is then
        dropped. Of ARGS, those before another -- are for the kernel, the others for the application:
        `uhyve KERNEL -- KERNEL-ARGS -- APPLICATION-ARGS`. Without options that version 0.2.1 lacks,
        kernels before 0.10.0 get all of our environment, as they did with it; otherwise -e says what
        is passed.

        Options:
        \(rows { if case .idle = $0 { false } else if case .refused = $0 { false } else { true } })
        Accepted, but of no effect:
        \(rows { if case .idle = $0 { true } else { false } })
        Not supported:
        \(rows { if case .refused = $0 { true } else { false } })
        Other options:
        \(columns([UhyveOption.help, UhyveOption.version].map { ($0.form, $0.help) }))
        Environment variables:
        \(columns(UhyveOption.all.compactMap(variable) + [log]))
        The exit status is the guest's, 1 if it could not run to its end, or 2 if the command line
        is wrong.

        """
    }

    private static func rows(_ isMember: (UhyveOption.Meaning) -> Bool) -> String {
        columns(UhyveOption.all.filter { isMember($0.meaning) }.map { ($0.form, $0.help) })
    }

    private static let log = ("RUST_LOG", "off or error: warnings are not shown")

    private static func variable(_ option: UhyveOption) -> (String, String)? {
        option.variable.map { ($0, "the value of --\(option.name), if that is not given") }
    }
}
