import Tender

/// On which of the host's CPUs each vCPU is to run, as in `0,2,4-7`: one after the other, as many as
/// there are vCPUs.
struct Affinity {
    let option: OptionValue
    let cpus: [UInt32]

    /// No kernel of today has more.
    private static let most: UInt32 = 8192

    init(_ option: OptionValue) throws(ModuleError) {
        self.option = option
        var cpus: [UInt32] = []
        for part in option.value.split(separator: ",", omittingEmptySubsequences: false) {
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

    func check(_ vcpuCount: UInt32) throws(ModuleError) {
        guard cpus.count == Int(vcpuCount) else {
            throw ModuleError(
                "\(cpus.count) of the host's CPUs are named, and the guest has \(vcpuCount)",
                option: option, hint: "name one for each of the guest's CPUs")
        }
    }
}
