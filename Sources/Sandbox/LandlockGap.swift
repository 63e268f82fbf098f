import Tender

/// A right that Landlock can't forbid before some version of it (Linux,
/// Documentation/userspace-api/landlock.rst, "Previous limitations").
///
/// Rights that no version forbids are not here, nor those that no launch needs: moving files between directories
/// (version 2) is forbidden by all, versions 7 and 8 forbid nothing more, and sockets that have paths
/// (9) or are UDP's (10) are held off by the filter.
enum LandlockGap: CaseIterable {
    case truncation
    case network
    case deviceRequests
    case signals

    /// The first version without the gap.
    var end: Int32 {
        switch self {
        case .truncation: 3
        case .network: 4
        case .deviceRequests: 5
        case .signals: 6
        }
    }

    /// The right, in words.
    var description: String {
        switch self {
        case .truncation: "truncation of files that are mapped read-only"
        case .network: "TCP"
        case .deviceRequests: "ioctl on devices"
        case .signals: "signals to other processes and abstract sockets"
        }
    }

    /// Whether a launch relies on Landlock for it.
    ///
    /// - Parameter hasFilter: whether the filter is ours. It makes up for all of this but one thing:
    ///   how files are opened for the guest to write is in memory, where filters can't look, and could
    ///   be by a path that leads to another mapping.
    private func matters(to confinement: Confinement, hasFilter: Bool) -> Bool {
        switch self {
        case .truncation:
            confinement.paths.contains { $0.access == .read }
                && (!hasFilter || confinement.paths.contains { $0.access == .write })
        case .network, .deviceRequests, .signals: !hasFilter
        }
    }

    /// The gap of a launch, in words; nil if there is none.
    ///
    /// - Parameter version: of Landlock, from 1 on.
    static func text(
        version: Int32, for confinement: Confinement, hasFilter: Bool
    ) -> String? {
        let lacks = allCases.filter {
            version < $0.end && $0.matters(to: confinement, hasFilter: hasFilter)
        }
        return lacks.isEmpty ? nil : lacks.map { $0.description }.joined(separator: ", ")
    }
}
