import ABI
import HVT
import Rules
import Tender

/// The manifest of module Net: its hypercalls, options and system calls.
public enum NetManifest {
    public static let device: Role = "an attached network device"
    public static let bell: Role = "what wakes the network ring's worker"
    public static let timer: Role = "a timer that looks after queued frames or the ring's worker"

    public static let known = KnownModule(
        name: "net", trait: "Net", guests: HVTKind.name,
        hypercalls: [
            HypercallSpecification(
                number: HVT_HYPERCALL_NET_WRITE, name: "NET_WRITE",
                argumentSize: MemoryLayout<hvt_net_io>.size,
                fields: [
                    HypercallField("handle", at: 0, size: 8),
                    HypercallField("data", at: 8, size: 8, .buffer(length: "len")),
                    HypercallField("len", at: 16, size: 8),
                    HypercallField("result", at: 24, size: 4, .status, .output),
                ]),
            HypercallSpecification(
                number: HVT_HYPERCALL_NET_READ, name: "NET_READ",
                argumentSize: MemoryLayout<hvt_net_io>.size,
                fields: [
                    HypercallField("handle", at: 0, size: 8),
                    HypercallField("data", at: 8, size: 8, .buffer(length: "len")),
                    HypercallField("len", at: 16, size: 8, .number, .both),
                    HypercallField("result", at: 24, size: 4, .status, .output),
                ]),
        ],
        devices: [.net])

    public static let manifest = ModuleManifest(
        known, summary: "network devices on taps, sockets and passt",
        options: [
            OptionSpecification(
                name: "net", takesDevice: true, valueName: "NETWORK",
                help: "a tap, IFACE or @FD, wire:IFACE, unix:PATH, or passt,tcp=8080:80"),
            OptionSpecification(
                name: "net-argument", takesDevice: true, valueName: "TEMPLATE",
                help: "an argument for the guest, of what wire:IFACE has: --ipv4={ipv4}",
                isRepeatable: true, isNativeOnly: true),
            OptionSpecification(
                name: "net-mac", takesDevice: true, valueName: "HWADDR",
                help: "hardware address, such as 52:54:00:12:34:56; by default wire's, or random"),
            OptionSpecification(
                name: "net-ring", valueName: "MODE",
                help: "auto, on, sync, off: the shared ring; by default, if guest and CPUs allow"),
            OptionSpecification(name: "no-net-ring", help: "as --net-ring=off"),
            OptionSpecification(
                name: "net-offload", valueName: "MODE",
                help: "auto or off: TCP in large pieces from and to taps that can"),
        ],
        systemCalls: [
            SystemCallSpecification(
                "read", [.descriptor(argument: 0, device)]),
            SystemCallSpecification(
                "write", [.descriptor(argument: 0, device)]),
            // The ring is handed over to the worker, and taken back.
            SystemCallSpecification("write", [.descriptor(argument: 0, bell)]),
            SystemCallSpecification("timer_settime", [.number(argument: 0, timer)]),
            SystemCallSpecification("rt_sigreturn", onlyWith: timer),
        ],
        // Only where the guest gets the ring, and a second CPU is there.
        workers: [
            WorkerSpecification(
                "the network ring",
                systemCalls: [
                    SystemCallSpecification("read", [.descriptor(argument: 0, bell)]),
                    SystemCallSpecification(
                        "ppoll", [.equals(argument: 1, 1, name: "one descriptor")], onlyWith: bell),
                    SystemCallSpecification("sched_yield", onlyWith: bell),
                ] + GuestThreads.systemCalls(onlyWith: bell))
        ])
}
