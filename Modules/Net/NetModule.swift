import ABI
import Manifests
import Network
import Rules
import Tender

/// Network devices: serves NET_READ and NET_WRITE from taps, sockets and passt.
public final class NetModule: Module {
    public static var manifest: ModuleManifest { NetManifest.manifest }

    public init() {}

    public func attach(to launch: inout Launch) throws(ModuleError) {
        let ringOption = try RingOption(launch.options)
        var devices = [NetworkBackend?](repeating: nil, count: launch.devices.entries.count)
        for option in launch.options {
            switch option.name {
            case "net":
                let handle = try launch.handle(for: option, type: .net)
                try refuseRepetition(of: option, handle: handle, devices)
                devices[handle] = try NetworkBackend.open(
                    option, program: launch.observation.program)
            case "net-mac":
                let address = try MACAddress(option)
                let handle = try launch.handle(for: option, type: .net)
                launch.devices[handle].mac = address.bytes
            default:
                break
            }
        }
        var isAnyAttached = false
        for (handle, device) in devices.enumerated() {
            guard let device else { continue }
            try describe(device, in: &launch.devices[handle])
            launch.pollSet.add(
                device.descriptor, handle: handle, isSocket: device.isSocket,
                whenEnded: { device.hasEnded() })
            launch.bindings.bind(NetManifest.device, to: device.descriptor)
            isAnyAttached = true
        }
        guard isAnyAttached else { return }
        let service = NetService(devices)
        try launch.serve(HVT_HYPERCALL_NET_READ, service.read)
        try launch.serve(HVT_HYPERCALL_NET_WRITE, service.write)
        launch.ring = ringOption.offer.map { offer in
            SharedRing(offer: offer, prepare: Ring.prepare, serve: RingService(devices).serve)
        }
    }

    private func refuseRepetition(
        of option: OptionValue, handle: Int, _ devices: [NetworkBackend?]
    ) throws(ModuleError) {
        guard devices[handle] == nil else {
            throw ModuleError("'\(option.device)' is attached already", option: option)
        }
        if let number = NetworkBackend.inheritedNumber(option) {
            guard !devices.contains(where: { $0?.descriptor == number }) else {
                throw .notAttached(option, "another device uses this descriptor")
            }
        }
    }

    private func describe(
        _ device: NetworkBackend, in entry: inout ManifestEntry
    ) throws(ModuleError) {
        if entry.mac.allSatisfy({ $0 == 0 }) { entry.mac = try MACAddress.random().bytes }
        entry.mtu = device.mtu
        entry.isAttached = true
    }
}
