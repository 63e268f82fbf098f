/// A kind of guests that a back end can't run: they are recognised and described, and refused.
public final class RefusedKind: GuestKind {
    private let kind: any GuestKind
    private let reason: String

    /// - Parameter reason: follows "this is a Hermit guest".
    public init(_ kind: any GuestKind, because reason: String) {
        self.kind = kind
        self.reason = reason
    }

    public var name: String { kind.name }
    public var options: [OptionSpecification] { kind.options }
    public var numbering: HypercallNumbering { kind.numbering }

    public func recognise(_ file: ImageFile) throws(ImageError) -> (any GuestImage)? {
        guard let image = try kind.recognise(file) else { return nil }
        return RefusedImage(image, because: reason)
    }
}

private final class RefusedImage: GuestImage, GuestLaunch {
    private let image: any GuestImage
    private let reason: String

    init(_ image: any GuestImage, because reason: String) {
        self.image = image
        self.reason = reason
    }

    var file: ImageFile { image.file }
    var kind: String { image.kind }

    private var objection: String { "this is a \(kind) guest\(reason)" }
    private var text: String { "\(file.path): \(objection)" }

    func inspect(_ modules: [RegisteredModule]) throws(ImageError) -> GuestDescription {
        var description = try image.inspect(modules)
        if description.objection == nil { description.objection = objection }
        return description
    }

    func missing(
        from modules: [RegisteredModule], isThorough: Bool
    ) throws(ImageError) -> [String] {
        [text] + (try image.missing(from: modules, isThorough: isThorough))
    }

    func launch(_ request: LaunchRequest) -> any GuestLaunch { self }

    // Never reached by a launch, which an earlier objection has ended.
    func attach(_ objections: inout Objections) throws(TenderError) {}
    func build() throws(TenderError) -> any BuiltGuest { throw .failed(text) }
}

extension RegisteredModule {
    /// The same module on a back end that can't run its kind of guests, if it adds one.
    public func refusingGuests(because reason: String) -> RegisteredModule {
        var module = self
        module.guestKind = guestKind.map { RefusedKind($0, because: reason) }
        return module
    }
}
