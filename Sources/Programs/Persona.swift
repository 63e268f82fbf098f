import Sandbox
import Tender

/// A program that this one stands in for: if it is called by that program's name, or with `--as NAME`.
package protocol Persona: AnyObject {
    /// Of the program, and of variants that read the same command line.
    var names: [String] { get }

    /// Further names, which help does not show.
    var aliases: [String] { get }

    /// - Parameters:
    ///   - arguments: without the program's name.
    ///   - name: the one of its names that it is called by.
    /// - Returns: the exit status.
    func run(
        _ arguments: ArraySlice<Argument>, as name: String, in context: ProgramContext
    ) -> Int32
}

extension Persona {
    package var aliases: [String] { [] }
}

/// What a command line is carried out with.
package struct ProgramContext {
    /// What was built in. Asked for only by commands that need it.
    package let registry: () -> Registry
    package let streams: Streams
    /// The program's variables; each reads NAME=VALUE.
    package let environment: () -> [[UInt8]]
    /// Makes what gives up what a guest will not need.
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
}
