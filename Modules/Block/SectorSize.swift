import Tender

/// The size of a disk's sectors: a power of two from 512 to 32768.
struct SectorSize {
    let bytes: UInt16

    private init?(_ bytes: UInt16) {
        guard bytes >= 512, bytes & (bytes - 1) == 0 else { return nil }
        self.bytes = bytes
    }

    /// As the option says, in decimal digits only.
    init(_ option: OptionValue) throws(ModuleError) {
        let isDecimal = option.value.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isDecimal, let size = UInt16(option.value).flatMap(SectorSize.init) else {
            throw ModuleError(Self.requirement, option: option)
        }
        self = size
    }

    /// As the guest's manifest presets it, or an option since then; 512 if neither did.
    init(presetIn entry: ManifestEntry) throws(ModuleError) {
        guard let size = SectorSize(entry.blockSize == 0 ? 512 : entry.blockSize) else {
            throw ModuleError(
                "\(entry.name): \(Self.requirement)",
                hint: "the guest's manifest asks for \(entry.blockSize); "
                    + "--block-sector-size:\(entry.name)=512 overrides it")
        }
        self = size
    }

    // Scripts look for this sentence.
    private static let requirement =
        "Block size must be a multiple of 2 greater than or equal 512"
}
