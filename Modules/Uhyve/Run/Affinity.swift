import Tender

/// On which of the host's CPUs each vCPU is to run, as in `0,2,4-7`: one after the other, as many as
/// there are vCPUs. Blanks separate as well, and can be beside commas.
struct Affinity {
    let option: OptionValue
    let cpus: [UInt32]

    /// No kernel of today has more.
    private static let most: UInt32 = 8192

    init(_ option: OptionValue) throws(ModuleError) {
        self.option = option
        var cpus: [UInt32] = []
        for part in Self.items(option.value) {
            let ends = part.split(
                separator: "-", maxSplits: 1, omittingEmptySubsequences: false
            ).map { UInt32($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last,
                last < Self.most
            else {
                throw ModuleError(
                    "'\(part)' is neither a CPU's number nor a range such as 4-7", option: option)
            }
            let range = first...last
            guard !range.contains(where: cpus.contains) else {
                throw ModuleError("CPU \(part) is named more than once", option: option)
            }
            cpus += range
        }
        self.cpus = cpus
    }

    /// What commas and blanks separate; nothing between two commas is an item, too.
    private static func items(_ list: String) -> [Substring] {
        list.split(separator: ",", omittingEmptySubsequences: false).flatMap { part in
            let items = part.split(separator: " ")
            return items.isEmpty ? [part] : items
        }
    }

    func check(_ vcpuCount: UInt32) throws(ModuleError) {
        guard cpus.count == Int(vcpuCount) else {
            throw ModuleError(
                "\(cpus.count) of the host's CPUs are named, and the guest has \(vcpuCount)",
                option: option, hint: "name one for each of the guest's CPUs")
        }
    }
}
