import ABI
import HVT
import Rules
import Tender

/// What module Poll states about itself.
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
            // Asks whether the other end was closed.
            SystemCallSpecification("recvfrom", [.descriptor(argument: 0, socket)]),
            // Guests without a network device only sleep, as do those that the kernel can't make wait
            // for theirs.
            SystemCallSpecification(
                "clock_nanosleep", [.equals(argument: 0, 1, name: "CLOCK_MONOTONIC")]),
            // Made by the kernel itself, when the process has been stopped and is continued.
            SystemCallSpecification("restart_syscall"),
            // Only where the kernel's clock can't be read without a call.
            SystemCallSpecification(
                "clock_gettime", [.equals(argument: 0, 1, name: "CLOCK_MONOTONIC")],
                onlyWith: deviceCount),
        ])
}
