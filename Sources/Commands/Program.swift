import Linux
import Programs
import Sandbox
import Tender

/// The whole program: selects the native command line or a persona, and runs it.
public struct Program {
    private let context: ProgramContext
    private let personas: [any Persona]

    /// - Parameter registry: makes the registry of this build, for commands that need it.
    /// - Parameter personas: the programs that this one can stand in for.
    /// - Parameter lock: makes the launch's lock from its sandbox. Tests pass one that does
    ///   nothing, because their process goes on after the guest.
    /// - Parameter environment: the process's environment variables, each as NAME=VALUE.
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

    /// Must be called first. See `Sandbox.explainEnds`.
    public static func explainEnds() { Sandbox.explainEnds() }

    /// - Parameter arguments: the first is the name that the program was called by (argv[0]).
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
