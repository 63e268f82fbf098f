import Linux
import Programs
import Sandbox
import Tender

/// The whole program: which command line it is called with, and what comes of it.
public struct Program {
    private let context: ProgramContext
    private let personas: [any Persona]

    /// - Parameter registry: what was built in. Asked for only by commands that need it.
    /// - Parameter personas: the programs that this one can stand in for.
    /// - Parameter lock: closes a sandbox's door; for tests, which go on when the guest has ended, it
    ///   does nothing.
    /// - Parameter environment: the program's own variables; each reads NAME=VALUE.
    package init(
        registry: @escaping () -> Registry, personas: [any Persona],
        streams: Streams = .standard(),
        environment: @escaping () -> [[UInt8]] = { Environment.all },
        lock: @escaping (Sandbox) -> LaunchLock = { $0.launchLock }
    ) {
        self.personas = personas
        context = ProgramContext(
            registry: { registry().knowingAbsentKinds }, streams: streams,
            environment: environment, lock: lock)
    }

    /// To be called first of all. See `Sandbox.explainEnds`.
    public static func explainEnds() { Sandbox.explainEnds() }

    /// - Parameter arguments: the first is the name that the program was called by.
    /// - Returns: the exit status.
    package func run(_ arguments: [Argument]) -> Int32 {
        let name = arguments.first?.baseName ?? NativeProgram.name
        let native = NativeProgram(context: context, personas: personas)
        if personas.named(name) != nil { Sandbox.nameInExplanations(name) }
        let status =
            native.run(arguments.dropFirst(), as: name) ?? native.run(arguments.dropFirst())
        guard !context.streams.hasLostOutput else {
            context.streams.complain("\(NativeProgram.name): could not write to standard output\n")
            return 1
        }
        return status
    }
}
