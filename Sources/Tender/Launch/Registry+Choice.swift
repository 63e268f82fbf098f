import Hypervisor

// The choice between the back ends of a build.
extension Registry {
    /// The registry for the first back end whose device this host has; the first one's if it has
    /// none.
    ///
    /// - Parameter all: a registry for each back end; at least one.
    public static func choosing(among first: Registry, _ others: Registry...) -> Registry {
        let all = [first] + others
        var chosen = all.first { $0.backEnd.isPresent } ?? first
        chosen.alternatives = all
        return chosen
    }

    /// The values of `--hypervisor`; none if this build has only one back end.
    public var choices: [String] { alternatives.map { $0.backEnd.choice } }

    /// The registry for the back end that this value of `--hypervisor` selects.
    public func choosing(_ choice: String) -> Registry? {
        guard
            var chosen = alternatives.first(where: {
                $0.backEnd.choice.utf8.elementsEqual(choice.utf8)
            })
        else { return nil }
        chosen.alternatives = alternatives
        return chosen
    }

    /// The registry with a change to each back end's.
    public func mapped(_ change: (Registry) -> Registry) -> Registry {
        var changed = change(self)
        changed.alternatives = alternatives.map(change)
        return changed
    }
}
