import ABI
import Tender

extension PollModule {
    public static let manifest = ModuleManifest(
        name: "poll", trait: "Poll",
        summary: "lets guests wait for time to pass and for network frames",
        hypercalls: [
            HypercallSpecification(
                number: HVT_HYPERCALL_POLL, name: "POLL", argumentSize: MemoryLayout<hvt_poll>.size)
        ],
        systemCalls: [
            SystemCallSpecification("ppoll"),
            // Only if the other end of a socket that stands in for a tap was closed.
            SystemCallSpecification("recvfrom"),
            // Guests without a network device only sleep.
            SystemCallSpecification(
                "clock_nanosleep", [.equals(argument: 0, 1, name: "CLOCK_MONOTONIC")]),
        ])
}
