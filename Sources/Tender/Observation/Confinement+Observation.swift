import Rules

extension Confinement {
    /// The confinement that a launch, its modules and its observers need.
    ///
    /// - Parameter manifests: of all modules that take part, except observers.
    public init(
        _ manifests: [ModuleManifest], _ bindings: Bindings, _ observation: Observation,
        paths: [Path] = [], largestFile: UInt64? = nil
    ) {
        var bindings = bindings
        bindings.add(Core.bindings)
        bindings.add(observation.bindings)
        var rules = bindings.rules(Core.systemCalls, doing: Core.operations, of: "core")
        for manifest in manifests + observation.manifests {
            rules += bindings.rules(
                manifest.allSystemCalls, doing: manifest.operations, of: manifest.name)
        }
        self.init(
            rules: rules, descriptors: bindings.descriptors,
            paths: paths + observation.paths,
            largestFile: largestFile.map { max($0, observation.largestFile) })
    }
}
