import ABI
import Manifests
import Rules
import Tender

/// Disks: serves BLOCK_READ and BLOCK_WRITE from files and block devices of the host.
public final class BlockModule: Module {
    public static var manifest: ModuleManifest { BlockManifest.manifest }

    public init() {}

    public func attach(to launch: inout Launch) throws(ModuleError) {
        var devices = [BlockDevice?](repeating: nil, count: launch.devices.entries.count)
        let shared = launch.options(named: BlockManifest.sharing)
        for option in launch.options {
            switch option.name {
            case "block", "block-ro", "block-sync":
                let handle = try launch.handle(for: option, type: .block)
                // Releases the lock first: a repeated option may name the same file.
                devices[handle] = nil
                devices[handle] = try BlockDevice.open(
                    option, isShared: shared.contains { $0.device == option.device })
            case BlockManifest.sharing:
                _ = try launch.handle(for: option, type: .block)
            case "block-sector-size":
                let size = try SectorSize(option)
                let handle = try launch.handle(for: option, type: .block)
                launch.devices[handle].blockSize = size.bytes
            default:
                break
            }
        }
        var isAnyAttached = false
        for (handle, device) in devices.enumerated() {
            guard let device else { continue }
            try describe(device, in: &launch.devices[handle])
            launch.bindings.bind(BlockManifest.device, to: device.descriptor)
            if let lock = device.lockDescriptor {
                launch.bindings.bind(BlockManifest.lock, to: lock)
            }
            if device.isWritable {
                launch.bindings.bind(BlockManifest.writableDevice, to: device.descriptor)
                launch.largestFile = max(launch.largestFile, device.capacity)
            }
            isAnyAttached = true
        }
        guard isAnyAttached else { return }
        let service = BlockService(devices)
        try launch.serve(HVT_HYPERCALL_BLOCK_READ, service.read)
        try launch.serve(HVT_HYPERCALL_BLOCK_WRITE, service.write)
    }

    /// Fills in the disk's entry in the guest's manifest, if its size is a multiple of the sector
    /// size and not 0.
    private func describe(
        _ device: BlockDevice, in entry: inout ManifestEntry
    ) throws(ModuleError) {
        let sectorSize = try SectorSize(presetIn: entry).bytes
        guard device.hostSectorSize <= UInt64(sectorSize) else {
            throw ModuleError(
                "\(entry.name): the host's device has sectors of \(device.hostSectorSize) bytes, and "
                    + "the guest's disk of \(sectorSize)",
                hint: "--block-sector-size:\(entry.name)=\(device.hostSectorSize)")
        }
        guard device.capacity % UInt64(sectorSize) == 0 else {
            throw ModuleError(
                "\(entry.name): Backing storage size must be block aligned (\(sectorSize) bytes)")
        }
        guard device.capacity >= UInt64(sectorSize) else {
            throw ModuleError(
                "\(entry.name): Backing storage size must be at least 1 block (\(sectorSize) bytes) "
                    + "in size")
        }
        entry.capacity = device.capacity
        entry.blockSize = sectorSize
        entry.isAttached = true
    }
}
