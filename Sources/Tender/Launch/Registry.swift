import Hypervisor

/// The build's modules, guest kinds and hypervisor back end.
public struct Registry {
    /// The modules that were built in, in the order in which they attach.
    public let modules: [RegisteredModule]
    /// All modules, built in or not, in the order of the package's traits.
    public let known: [KnownModule]
    /// The modules that were left out.
    public var absent: [KnownModule] { known.filter { !$0.isBuiltIn(modules) } }
    /// The guest kinds, in the order in which they are tried on an image.
    public let kinds: [any GuestKind]
    /// The description of the hypervisor back end.
    public let backEnd: BackEnd
    /// Throws if this host can't create a VM.
    public let tryHypervisor: () throws(HypervisorError) -> Void
    /// The registries of all back ends that this build has, this one's included, in a fixed order;
    /// empty if there is only one back end.
    public internal(set) var alternatives: [Registry] = []

    public init(
        modules: [RegisteredModule], known: [KnownModule], kinds: [any GuestKind],
        backEnd: BackEnd,
        tryHypervisor: @escaping () throws(HypervisorError) -> Void
    ) {
        self.modules = modules
        self.known = known
        self.kinds = kinds
        self.backEnd = backEnd
        self.tryHypervisor = tryHypervisor
    }

    /// The same registry with other modules and kinds.
    public func with(_ modules: [RegisteredModule], _ kinds: [any GuestKind]) -> Registry {
        var registry = Registry(
            modules: modules, known: known, kinds: kinds, backEnd: backEnd,
            tryHypervisor: tryHypervisor)
        registry.alternatives = alternatives
        return registry
    }

    /// Opens an image and recognises its kind.
    ///
    /// - Throws: if it can't be read; if no kind recognises it, the first kind's error.
    public func image(path: String) throws(ImageError) -> any GuestImage {
        let file = try ImageFile(path: path)
        var first: ImageError?
        for kind in kinds {
            do throws(ImageError) {
                if let image = try kind.recognise(file) { return image }
            } catch {
                if first == nil { first = error }
            }
        }
        throw first ?? file.failure(.refused(why: "not a guest of a kind that this pinnace knows"))
    }
}
