import ABI
import HVT
import Rules
import Tender

/// The manifest of module Poll: its hypercall and system calls.
public enum PollManifest {
    public static let deviceCount: Role = "the number of network devices"
    public static let socket: Role = "a socket that stands in for a tap"

    public static let known = KnownModule(
        name: "poll", trait: "Poll", guests: HVTKind.name,
        hypercalls: [
            HypercallSpecification(
                number: HVT_HYPERCALL_POLL, name: "POLL", argumentSize: MemoryLayout<hvt_poll>.size,
                fields: [
                    HypercallField("timeout", at: 0, size: 8, .duration),
                    HypercallField("ready", at: 16, size: 4, .signed, .output),
                    HypercallField("set", at: 8, size: 8, .handles, .output),
                ])
        ])

    public static let manifest = ModuleManifest(
        known, summary: "lets guests wait for time to pass and for network frames",
        systemCalls: [
            SystemCallSpecification("ppoll", [.number(argument: 1, deviceCount)]),
            // Checks whether a socket's peer has closed it (MSG_PEEK).
            SystemCallSpecification("recvfrom", [.descriptor(argument: 0, socket)]),
            // For guests without a network device, and if ppoll fails.
            SystemCallSpecification(
                "clock_nanosleep", [.equals(argument: 0, 1, name: "CLOCK_MONOTONIC")]),
            // Made by the kernel when the process is continued after a stop.
            SystemCallSpecification("restart_syscall"),
            // Only where the vDSO can't read the clock.
            SystemCallSpecification(
                "clock_gettime", [.equals(argument: 0, 1, name: "CLOCK_MONOTONIC")],
                onlyWith: deviceCount),
        ])
}
