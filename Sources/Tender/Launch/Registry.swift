import Hypervisor

/// What was built in: the modules, the kinds of guests, and the hypervisor that runs them.
public struct Registry {
    /// In the order in which they attach.
    public let modules: [RegisteredModule]
    /// All modules that there are, built in or not, in the order of the package's traits.
    public let known: [KnownModule]
    /// In the order in which they are asked about an image.
    public let kinds: [any GuestKind]
    /// What the back end says of itself.
    public let backEnd: BackEnd
    /// Whether this host can make a machine at all.
    public let tryHypervisor: () throws(HypervisorError) -> Void

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

    /// Those that were left out.
    public var absent: [KnownModule] { known.filter { !$0.isBuiltIn(modules) } }

    /// Opens an image, which itself tells of what kind it is.
    ///
    /// - Throws: if it can't be read; else what the first kind said, if none recognises it.
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
