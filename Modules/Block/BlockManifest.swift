import ABI
import HVT
import Tender

extension BlockModule {
    /// The option that does without a lock.
    static let sharing = "block-shared"
    static let device: Role = "an attached block device"
    static let lock: Role = "what keeps others from a block device"
    static let writableDevice: Role = "a block device attached for writing"

    public static let manifest = ModuleManifest(
        name: "block", trait: "Block", guests: HVTKind.name,
        summary: "disks backed by files and block devices",
        hypercalls: [
            HypercallSpecification(
                number: HVT_HYPERCALL_BLOCK_WRITE, name: "BLOCK_WRITE",
                argumentSize: MemoryLayout<hvt_block_io>.size),
            HypercallSpecification(
                number: HVT_HYPERCALL_BLOCK_READ, name: "BLOCK_READ",
                argumentSize: MemoryLayout<hvt_block_io>.size),
        ],
        devices: [.block],
        options: [
            OptionSpecification(
                name: "block", takesDevice: true, valueName: "PATH",
                help: "attach a file or block device, for reading and writing"),
            OptionSpecification(
                name: "block-ro", takesDevice: true, valueName: "PATH",
                help: "attach a file or block device that the guest can only read",
                isNativeOnly: true),
            OptionSpecification(
                name: "block-sync", takesDevice: true, valueName: "PATH",
                help: "as --block, but what a guest has written survives the host's sudden end",
                isNativeOnly: true),
            OptionSpecification(
                name: sharing, takesDevice: true,
                help: "no lock: others may use that file or device, and the host mount it",
                isNativeOnly: true),
            OptionSpecification(
                name: "block-sector-size", takesDevice: true, valueName: "BYTES",
                help: "sector size: a power of two from 512 to 32768, 512 if not given"),
        ],
        systemCalls: [
            SystemCallSpecification(
                "pread64", [.descriptor(argument: 0, device)]),
            SystemCallSpecification(
                "pwrite64", [.descriptor(argument: 0, writableDevice)]),
        ])
}
