import ABI
import HVT
import Rules
import Tender

extension PollModule {
    static let deviceCount: Role = "the number of network devices"
    static let socket: Role = "a socket that stands in for a tap"

    public static let manifest = ModuleManifest(
        name: "poll", trait: "Poll", guests: HVTKind.name,
        summary: "lets guests wait for time to pass and for network frames",
        hypercalls: [
            HypercallSpecification(
                number: HVT_HYPERCALL_POLL, name: "POLL", argumentSize: MemoryLayout<hvt_poll>.size)
        ],
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
