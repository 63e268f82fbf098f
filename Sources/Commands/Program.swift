import Linux
import Sandbox
import Tender

/// The whole program: which command line it is called with, and what comes of it.
public struct Program {
    let registry: () -> Registry
    let streams: Streams
    let environment: () -> [[UInt8]]
    let lock: (Sandbox) -> LaunchLock

    /// - Parameter registry: what was built in. Asked for only by commands that need it.
    /// - Parameter lock: closes a sandbox's door; for tests, which go on when the guest has ended, it
    ///   does nothing.
    /// - Parameter environment: the program's own variables; each reads NAME=VALUE.
    public init(
        registry: @escaping () -> Registry, streams: Streams = .standard(),
        environment: @escaping () -> [[UInt8]] = { Environment.all },
        lock: @escaping (Sandbox) -> LaunchLock = { $0.launchLock }
    ) {
        self.registry = { registry().knowingAbsentKinds }
        self.streams = streams
        self.environment = environment
        self.lock = lock
    }

    /// To be called first of all. See `Sandbox.explainEnds`.
    public static func explainEnds() { Sandbox.explainEnds() }

    /// - Parameter arguments: the first is the name that the program was called by.
    /// - Returns: the exit status.
    public func run(_ arguments: [Argument]) -> Int32 {
        let name = arguments.first?.baseName ?? NativeProgram.name
        let rest = arguments.dropFirst()
        if Solo5Program.names.contains(name) || name == StandIn.uhyve {
            Sandbox.nameInExplanations(name)
        }
        let status =
            if Solo5Program.names.contains(name) {
                Solo5Program(name: name, registry: registry, streams: streams, lock: lock).run(rest)
            } else if name == StandIn.uhyve {
                StandIn.runAsUhyve(rest, registry, streams, environment, lock)
            } else {
                NativeProgram(
                    registry: registry, streams: streams, environment: environment, lock: lock
                ).run(rest)
            }
        guard !streams.hasLostOutput else {
            streams.complain("\(NativeProgram.name): could not write to standard output\n")
            return 1
        }
        return status
    }
}
