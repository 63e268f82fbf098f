import ABI
import HVT
import Rules
import Tender

extension NetModule {
    static let device: Role = "an attached network device"

    public static let manifest = ModuleManifest(
        name: "net", trait: "Net", guests: HVTKind.name,
        summary: "network devices on tap interfaces",
        hypercalls: [
            HypercallSpecification(
                number: HVT_HYPERCALL_NET_WRITE, name: "NET_WRITE",
                argumentSize: MemoryLayout<hvt_net_io>.size),
            HypercallSpecification(
                number: HVT_HYPERCALL_NET_READ, name: "NET_READ",
                argumentSize: MemoryLayout<hvt_net_io>.size),
        ],
        devices: [.net],
        options: [
            OptionSpecification(
                name: "net", takesDevice: true, valueName: "IFACE | @FD",
                help: "attach the tap interface IFACE, or the tap that is open as descriptor FD"),
            OptionSpecification(
                name: "net-mac", takesDevice: true, valueName: "HWADDR",
                help: "hardware address, such as 52:54:00:12:34:56; random if not given"),
        ],
        systemCalls: [
            SystemCallSpecification(
                "read", [.descriptor(argument: 0, device)]),
            SystemCallSpecification(
                "write", [.descriptor(argument: 0, device)]),
        ])
}
