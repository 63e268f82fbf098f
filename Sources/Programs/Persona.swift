import Sandbox
import Tender

/// A program that this one stands in for, if called by that program's name or with `--as NAME`.
package protocol Persona: AnyObject {
    /// The names of the program, and of variants with the same command line.
    var names: [String] { get }

    /// Further names, which help does not show.
    var aliases: [String] { get }

    /// The `pinnace` command that runs the program as well, such as `elftool`; nil for none.
    var command: String? { get }

    /// What help, the manual and completions say of the program in this build.
    func description(_ registry: Registry) -> CommandDescription

    /// - Parameters:
    ///   - arguments: without the program's name.
    ///   - name: the name that it is called by, one of `names` and `aliases`.
    /// - Returns: the exit status.
    func run(
        _ arguments: ArraySlice<Argument>, as name: String, in context: ProgramContext
    ) -> Int32
}

extension Persona {
    package var aliases: [String] { [] }
    package var command: String? { nil }
}

/// The context of a command line: the build, the streams and the environment.
package struct ProgramContext {
    /// Makes the registry of this build, for commands that need it.
    package let registry: () -> Registry
    package let streams: Streams
    /// The process's environment variables, each as NAME=VALUE.
    package let environment: () -> [[UInt8]]
    /// Makes the launch's lock from its sandbox.
    package let lock: (Sandbox) -> LaunchLock

    package init(
        registry: @escaping () -> Registry, streams: Streams,
        environment: @escaping () -> [[UInt8]], lock: @escaping (Sandbox) -> LaunchLock
    ) {
        self.registry = registry
        self.streams = streams
        self.environment = environment
        self.lock = lock
    }
}

extension [any Persona] {
    package func named(_ name: String) -> (any Persona)? {
        first { $0.names.contains(name) || $0.aliases.contains(name) }
    }

    package func running(command: String) -> (any Persona)? {
        first { $0.command.map { $0.utf8.elementsEqual(command.utf8) } ?? false }
    }
}
