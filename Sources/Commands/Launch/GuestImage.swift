import Tender

/// A guest in its file, which itself tells of what kind it is.
enum GuestImage {
    case hvt(HVTImage)
    case foreign(ForeignImage)

    /// - Parameter inspecting: whether it will only be looked at, and need not be able to run.
    init(
        path: String, _ modules: [RegisteredModule], inspecting: Bool = false
    ) throws(ImageError) {
        // Most are hvt's, and shall not wait for others to be asked.
        do throws(ImageError) {
            self = .hvt(try inspecting ? HVTImage(inspecting: path) : HVTImage(path: path))
        } catch {
            guard let image = ForeignImage(path: path, modules) else {
                throw Self.compressed(path, modules) ?? error
            }
            self = .foreign(image)
        }
    }

    /// What to say of a gzip'd file in a build that can't look into it.
    private static func compressed(_ path: String, _ modules: [RegisteredModule]) -> ImageError? {
        let hermit = KnownModule.uhyve
        guard !hermit.isBuiltIn(modules), let file = try? ImageFile(path: path),
            HermitMark.isCompressed(file)
        else { return nil }
        return file.failure(
            .refused(
                why: "gzip'd data, not an executable; whether it is a Hermit image can't be told, "
                    + "for \(hermit.absence)"))
    }

    /// Of what kind it is.
    var guests: String {
        switch self {
        case .hvt: KnownModule.hvtGuests
        case .foreign(let image): image.guests
        }
    }
}

/// A guest of a kind that only some module knows.
struct ForeignImage {
    let file: ImageFile
    /// "Hermit".
    let guests: String
    let module: String
    let trait: String
    /// How to run it; nil if the module was not built in.
    let kind: GuestKind?
    /// Of the options that the module takes; those who look into guests have others.
    let optionNames: [String]

    /// - Returns: nil if the file is no guest of any such kind.
    init?(path: String, _ modules: [RegisteredModule]) {
        guard let file = try? ImageFile(path: path) else { return nil }
        for module in modules {
            guard let kind = module.guestKind, kind.recognises(file) else { continue }
            self.file = file
            self.kind = kind
            optionNames = module.manifest.options.map { $0.name }
            guests = module.guests ?? module.manifest.name
            self.module = module.manifest.name
            trait = module.manifest.trait
            return
        }
        let hermit = KnownModule.uhyve
        guard !hermit.isBuiltIn(modules), HermitMark(file) != nil else { return nil }
        self.file = file
        kind = nil
        optionNames = []
        guests = hermit.guests ?? hermit.name
        module = hermit.name
        trait = hermit.trait
    }

    /// - Throws: if the module was not built in.
    func presentKind() throws(CommandError) -> GuestKind {
        if let kind { return kind }
        throw CommandError(
            "\(file.path): this is a \(guests) guest; "
                + "this pinnace was built without module \(module) (trait \(trait))")
    }
}

extension [RegisteredModule] {
    /// Why this build can't run a guest of hvt's whatever it needs, if it can't: it has no module
    /// for such guests at all.
    func absence(for image: HVTImage) throws(ImageError) -> String? {
        guard allSatisfy({ $0.guests != KnownModule.hvtGuests }) else { return nil }
        let needed = try GuestNeeds(image, image.runnableSegments()).modules
        let plural = needed.count == 1 ? "" : "s"
        return "\(image.path): this is a \(KnownModule.hvtGuests) guest; "
            + "this pinnace was built without module\(plural) "
            + needed.map { $0.name }.joined(separator: ", ")
            + " (trait\(plural) \(needed.map { $0.trait }.joined(separator: ",")))"
    }
}
