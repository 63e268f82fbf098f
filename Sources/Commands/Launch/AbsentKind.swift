import Hypervisor
import JSON
import Tender

/// A kind of guests whose module was not built in: such guests are recognised, to say what is missing.
final class AbsentKind: GuestKind {
    private let module: KnownModule
    private let recognises: (_ file: ImageFile) throws(ImageError) -> Bool

    let name: String
    var options: [OptionSpecification] { [] }

    /// - Parameter recognises: throws if it can't be told without the module.
    init(
        _ name: String, of module: KnownModule,
        recognises: @escaping (_ file: ImageFile) throws(ImageError) -> Bool
    ) {
        self.name = name
        self.module = module
        self.recognises = recognises
    }

    func recognise(_ file: ImageFile) throws(ImageError) -> (any GuestImage)? {
        try recognises(file) ? AbsentGuest(file, kind: name, module) : nil
    }
}

/// A guest of such a kind.
private final class AbsentGuest: GuestImage, GuestLaunch {
    let file: ImageFile
    let kind: String
    private let module: KnownModule

    init(_ file: ImageFile, kind: String, _ module: KnownModule) {
        self.file = file
        self.kind = kind
        self.module = module
    }

    func missing(
        from modules: [RegisteredModule], isThorough: Bool
    ) throws(ImageError) -> [String] {
        [[module].absence(for: self)]
    }

    func inspect(_ modules: [RegisteredModule]) throws(ImageError) -> GuestDescription {
        GuestDescription(
            rows: [("kind", kind)],
            members: [("facts", .object([("kind", .string(kind))]))], needs: [module])
    }

    func launch(_ request: LaunchRequest) -> any GuestLaunch { self }

    func attach(_ objections: inout Objections) throws(TenderError) {}

    func build() throws(TenderError) -> any BuiltGuest { throw .failed(module.absence) }
}

extension Registry {
    /// The same, with the kinds of guests that this build could have run with another module.
    package var knowingAbsentKinds: Registry {
        let kinds = absent.compactMap { module -> (any GuestKind)? in
            guard let name = module.guests, let recognises = module.recognises else { return nil }
            return AbsentKind(name, of: module, recognises: recognises)
        }
        // First, so that what it says of a file is what the operator reads.
        return Registry(
            modules: modules, known: known, kinds: kinds + self.kinds, backEnd: backEnd,
            tryHypervisor: tryHypervisor)
    }
}
