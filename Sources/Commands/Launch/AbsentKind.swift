import Hypervisor
import JSON
import Tender

/// A kind of guests whose module was not built in. It recognises such images, to name the module.
final class AbsentKind: GuestKind {
    private let module: KnownModule
    private let recognises: (_ file: ImageFile) throws(ImageError) -> RecognisedGuest?

    let name: String
    var options: [OptionSpecification] { [] }

    /// - Parameter recognises: throws if that can't be decided without the module.
    init(
        _ name: String, of module: KnownModule,
        recognises: @escaping (_ file: ImageFile) throws(ImageError) -> RecognisedGuest?
    ) {
        self.name = name
        self.module = module
        self.recognises = recognises
    }

    func recognise(_ file: ImageFile) throws(ImageError) -> (any GuestImage)? {
        try recognises(file).map { AbsentGuest(file, kind: name, module, $0) }
    }
}

/// An image of a kind whose module was not built in.
private final class AbsentGuest: GuestImage, GuestLaunch {
    let file: ImageFile
    let kind: String
    private let module: KnownModule
    private let recognised: RecognisedGuest

    init(_ file: ImageFile, kind: String, _ module: KnownModule, _ recognised: RecognisedGuest) {
        self.file = file
        self.kind = kind
        self.module = module
        self.recognised = recognised
    }

    func missing(
        from modules: [RegisteredModule], isThorough: Bool
    ) throws(ImageError) -> [String] {
        // No module would help.
        [recognised.objection.map { "\(file.path): \($0)" } ?? [module].absence(for: self)]
    }

    func inspect(_ modules: [RegisteredModule]) throws(ImageError) -> GuestDescription {
        var report = Report()
        report.show("kind", [kind])
        let architecture = recognised.architecture.description
        report.add("architecture", .string(architecture), as: "architecture", [architecture])
        return GuestDescription(report, needs: [module], objection: recognised.objection)
    }

    func launch(_ request: LaunchRequest) -> any GuestLaunch { self }

    func attach(_ objections: inout Objections) throws(TenderError) {}

    func build() throws(TenderError) -> any BuiltGuest { throw .failed(module.absence) }
}

extension Registry {
    /// The same registry, with the kinds of guests whose modules were not built in.
    package var knowingAbsentKinds: Registry { mapped { $0.withAbsentKinds } }

    private var withAbsentKinds: Registry {
        let kinds = absent.compactMap { module -> (any GuestKind)? in
            guard let name = module.guests, let recognises = module.recognises else { return nil }
            return AbsentKind(name, of: module, recognises: recognises)
        }
        // First, so that the operator reads its message about a file.
        return with(modules, kinds + self.kinds)
    }
}
