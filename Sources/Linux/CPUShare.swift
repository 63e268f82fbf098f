import CLinux

/// The CPUs that this process may use.
public enum CPUShare {
    /// In thousandths of a CPU: of those that the calling thread may run on (sched_getaffinity), or
    /// less by the quota of a cgroup.
    ///
    /// - Parameters:
    ///   - cpus: the number of those CPUs; 0 if there are too many to count.
    ///   - memberships: as /proc/self/cgroup.
    ///   - hierarchies: the directory where the cgroups' hierarchies are.
    public static func available(
        cpus: Int32 = linux_count_cpus(), memberships: String = "/proc/self/cgroup",
        hierarchies: String = "/sys/fs/cgroup"
    ) -> Int {
        let most = cpus == 0 ? Int.max : Int(cpus) * 1000
        guard most > 1000, let text = try? OptionFile.read(memberships) else { return most }
        return text.split(separator: UInt8(ascii: "\n")).reduce(most) { least, line in
            // Number, controllers, path: no controllers in version 2.
            let parts = line.split(
                separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return least }
            let controllers = String(decoding: parts[1], as: UTF8.self)
            let isFirstVersion = controllers.split(separator: ",").contains("cpu")
            guard isFirstVersion || controllers.isEmpty else { return least }
            let root = isFirstVersion ? "\(hierarchies)/\(controllers)" : hierarchies
            return min(least, quota(below: root, parts[2], isFirstVersion: isFirstVersion))
        }
    }

    /// The least quota of a cgroup and those above it. In a container, the cgroup's path may be the
    /// host's, and only what is above all of it there.
    private static func quota(
        below root: String, _ path: ArraySlice<UInt8>, isFirstVersion: Bool
    ) -> Int {
        var least = Int.max
        var path = path
        while true {
            if path.last == UInt8(ascii: "/") { path.removeLast() }
            let directory = root + String(decoding: path, as: UTF8.self)
            let numbers =
                isFirstVersion
                ? words("\(directory)/cpu.cfs_quota_us") + words("\(directory)/cpu.cfs_period_us")
                : words("\(directory)/cpu.max")
            // "max" and -1 are no quota.
            if numbers.count == 2, let quota = Int(numbers[0]), let period = Int(numbers[1]),
                quota > 0, quota < Int.max / 1000, period > 0
            {
                least = min(least, quota * 1000 / period)
            }
            guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return least }
            path = path[..<slash]
        }
    }

    private static func words(_ path: String) -> [String] {
        let text = (try? OptionFile.read(path, limit: 4096)) ?? []
        return text.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
            .map { String(decoding: $0, as: UTF8.self) }
    }
}
