import Sandbox
import Tender

/// Other programs that this one can stand for, if what they run was built in.
enum StandIn {
    /// The name that makes this program behave as `uhyve`.
    static let uhyve = "uhyve"

    /// - Parameter arguments: without the program's name.
    static func runAsUhyve(
        _ arguments: ArraySlice<Argument>, _ registry: @escaping () -> Registry,
        _ streams: Streams, _ environment: @escaping () -> [[UInt8]],
        _ lock: (Sandbox) -> LaunchLock
    ) -> Int32 {
        // Here and in the registry only: a build without the module has none of this code.
        #if Uhyve
            UhyveProgram(
                registry: registry, streams: streams, environment: environment,
                lock: lock(Sandbox(mode: .on, program: uhyve, hasOption: false))
            ).run(arguments)
        #else
            streams.complain("\(uhyve): \(KnownModule.uhyve.absence)\n")
            return 1
        #endif
    }
}
