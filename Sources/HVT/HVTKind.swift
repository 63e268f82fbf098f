import Architecture
import Hypervisor
import Linux
import Tender

/// The guest kind of Solo5's hvt target, such as MirageOS unikernels.
public final class HVTKind: GuestKind {
    public static let name = "Solo5"

    static let executableHeap = OptionSpecification(
        name: "x-exec-heap", help: "lets the guest execute code on its heap and stack")

    public var name: String { Self.name }
    public var options: [OptionSpecification] { [Self.executableHeap] }

    private let known: [KnownModule]
    private let build: HVTLaunch.Build

    private init(_ known: [KnownModule], _ build: @escaping HVTLaunch.Build) {
        self.known = known
        self.build = build
    }

    public var numbering: HypercallNumbering { Native.numbering }

    /// The kind, specialized for a hypervisor by its `Machine` type.
    ///
    /// - Parameters:
    ///   - known: all modules, built in or not, of which guests may need some.
    ///   - makeMachine: creates the VM for a guest.
    public static func running<Host: Machine & ~Copyable>(
        _ known: [KnownModule],
        in makeMachine: @escaping () throws(HypervisorError) -> Host
    ) -> HVTKind {
        HVTKind(known) { (plan, launch, manifests, warn) throws(TenderError) in
            let machine = try wrapping(TenderError.hypervisor, makeMachine)
            return HVTRun(
                try HVTGuest(plan, launch: launch, in: machine, warn: warn), manifests: manifests,
                warn: warn)
        }
    }

    public func recognise(_ file: ImageFile) throws(ImageError) -> (any GuestImage)? {
        HVTGuestImage(try HVTImage(inspecting: file), known, build)
    }
}

/// A Solo5 guest image.
final class HVTGuestImage: GuestImage {
    private let image: HVTImage
    private let known: [KnownModule]
    private let build: HVTLaunch.Build

    init(_ image: HVTImage, _ known: [KnownModule], _ build: @escaping HVTLaunch.Build) {
        self.image = image
        self.known = known
        self.build = build
    }

    var file: ImageFile { image.file }
    var kind: String { HVTKind.name }

    func missing(
        from modules: [RegisteredModule], isThorough: Bool
    ) throws(ImageError) -> [String] {
        if let objection = image.objection { throw file.failure(objection) }
        guard modules.contains(where: { $0.manifest.guests == HVTKind.name }) else {
            let needed = try GuestNeeds(image, image.runnableSegments(), known).modules
            return [needed.absence(for: self)]
        }
        let devices = image.manifest.devices.compactMap { device -> String? in
            guard let module = known.serving(device.type), !module.isBuiltIn(modules) else {
                return nil
            }
            return "device \(quoted(device.name)) is \(device.type); \(module.absence)"
        }
        guard isThorough, let segments = try? image.runnableSegments(),
            let needs = try? GuestNeeds(image, segments, known), needs.isCertain
        else { return devices }
        return devices
            + needs.missing(from: modules).filter { $0.devices.isEmpty }
            .map { "its code uses module \($0.name); \($0.absence)" }
    }

    func inspect(_ modules: [RegisteredModule]) throws(ImageError) -> GuestDescription {
        HVTDescription(image, known).description
    }

    func launch(_ request: LaunchRequest) -> any GuestLaunch {
        HVTLaunch(image, request, known, build)
    }
}
