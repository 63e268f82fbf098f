import Tender

/// The CPU affinity of the vCPUs: a list of host CPUs such as `0,2,4-7`, one for each vCPU, in
/// order. Blanks separate as well, also next to commas.
struct Affinity {
    let option: OptionValue
    let cpus: [UInt32]

    /// The largest CONFIG_NR_CPUS of Linux on x86_64.
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

    /// The items between commas and blanks. Two commas in a row have an empty item between them.
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
