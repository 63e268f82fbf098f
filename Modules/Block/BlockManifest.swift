import ABI
import HVT
import Rules
import Tender

/// The manifest of module Block: its hypercalls, options and system calls.
public enum BlockManifest {
    /// The option that attaches a disk without a lock.
    public static let sharing = "block-shared"
    public static let device: Role = "an attached block device"
    public static let lock: Role = "what keeps others from a block device"
    public static let writableDevice: Role = "a block device attached for writing"

    public static let known = KnownModule(
        name: "block", trait: "Block", guests: HVTKind.name,
        hypercalls: [
            HypercallSpecification(
                number: HVT_HYPERCALL_BLOCK_WRITE, name: "BLOCK_WRITE",
                argumentSize: MemoryLayout<hvt_block_io>.size, fields: fields),
            HypercallSpecification(
                number: HVT_HYPERCALL_BLOCK_READ, name: "BLOCK_READ",
                argumentSize: MemoryLayout<hvt_block_io>.size, fields: fields),
        ],
        devices: [.block])

    private static let fields = [
        HypercallField("handle", at: 0, size: 8),
        HypercallField("offset", at: 8, size: 8),
        HypercallField("data", at: 16, size: 8, .buffer(length: "len")),
        HypercallField("len", at: 24, size: 8),
        HypercallField("result", at: 32, size: 4, .status, .output),
    ]

    public static let manifest = ModuleManifest(
        known, summary: "disks backed by files and block devices",
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
