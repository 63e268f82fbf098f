import Tender

/// The size of a disk's sectors: a power of two from 512 to 32768.
struct SectorSize {
    let bytes: UInt16

    private init?(_ bytes: UInt16) {
        guard bytes >= 512, bytes & (bytes - 1) == 0 else { return nil }
        self.bytes = bytes
    }

    /// The size that an option gives, in decimal digits only.
    init(_ option: OptionValue) throws(ModuleError) {
        let isDecimal = option.value.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isDecimal, let size = UInt16(option.value).flatMap(SectorSize.init) else {
            throw ModuleError(Self.requirement, option: option)
        }
        self = size
    }

    /// The size in a manifest entry, preset by the guest or set by an option; 512 if it is 0.
    init(presetIn entry: ManifestEntry) throws(ModuleError) {
        guard let size = SectorSize(entry.blockSize == 0 ? 512 : entry.blockSize) else {
            throw ModuleError(
                "\(entry.name): \(Self.requirement)",
                hint: "the guest's manifest asks for \(entry.blockSize); "
                    + "--block-sector-size:\(entry.name)=512 overrides it")
        }
        self = size
    }

    // Scripts match this wording.
    private static let requirement =
        "Block size must be a multiple of 2 greater than or equal 512"
}
