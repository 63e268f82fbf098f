import ABI
import Linux
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
        let offload = try OffloadOption(launch.options)
        var devices = [NetworkBackend?](repeating: nil, count: launch.devices.entries.count)
        for option in launch.options {
            switch option.name {
            case "net":
                let handle = try launch.handle(for: option, type: .net)
                try refuseRepetition(of: option, handle: handle, devices)
                devices[handle] = try NetworkBackend.open(
                    option, offload, program: launch.observation.program,
                    isRehearsal: launch.observation.isRehearsal)
            case "net-mac":
                let address = try MACAddress(option)
                let handle = try launch.handle(for: option, type: .net)
                launch.devices[handle].mac = address.bytes
            default:
                break
            }
        }
        let addressed = launch.options(named: "net-mac").map { $0.device }
        var isAnyAttached = false
        for (handle, device) in devices.enumerated() {
            guard let device else { continue }
            if let identity = device.identity, !addressed.contains(launch.devices[handle].name) {
                launch.devices[handle].mac = identity.mac
            }
            try describe(device, in: &launch.devices[handle])
            launch.pollSet.add(
                device.descriptor, handle: handle, isSocket: device.isSocket,
                hasMore: { device.hasFrames }, whenEnded: { device.hasEnded() })
            launch.bindings.bind(NetManifest.device, to: device.descriptor)
            isAnyAttached = true
        }
        for option in launch.options(named: "net-argument") {
            let handle = try launch.handle(for: option, type: .net)
            launch.arguments.append(
                try NetworkIdentity.argument(option, at: devices[handle]?.identity))
        }
        guard isAnyAttached else { return }
        // Where a policy refuses its timer, every frame goes at once.
        let lock = DeviceLock()
        let queue = devices.contains { $0?.hasOffloads == true } ? try? FrameQueue(lock) : nil
        if let deferral = queue?.deferral {
            launch.deferral = deferral
            launch.bindings.bindNumbers(NetManifest.timer) {
                [UInt64(UInt32(bitPattern: deferral.timerNumber))]
            }
        }
        let server = ringOption.offer.map { offer in
            let server = RingServer(
                RingService(devices, queue), lock,
                // A record is of what the vCPU's thread does.
                mayHandOver: ringOption != .sync && launch.observation.tracer == nil,
                isForWorkerOnly: ringOption == .auto)
            launch.ring = server.sharedRing(offer)
            bind(server, in: &launch.bindings)
            return server
        }
        let service = NetService(devices, lock, server, queue)
        try launch.serve(HVT_HYPERCALL_NET_READ, service.read)
        try launch.serve(HVT_HYPERCALL_NET_WRITE, service.write)
    }

    /// What the worker needs, if there is one.
    private func bind(_ server: RingServer, in bindings: inout Bindings) {
        bindings.bindDescriptors(NetManifest.bell) {
            server.handover.map { [UInt64(UInt32(bitPattern: $0.bellNumber))] } ?? []
        }
        bindings.bindNumbers(NetManifest.timer) {
            server.handover.map { [UInt64(UInt32(bitPattern: $0.timer.number))] } ?? []
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
