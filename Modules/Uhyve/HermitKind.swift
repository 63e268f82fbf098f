import HermitImage
import Hypervisor
import Linux
import Manifests
import Tender

/// The guest kind of Hermit unikernels.
public final class HermitKind: GuestKind {
    public static let name = UhyveManifest.guests

    public var name: String { Self.name }
    public var options: [OptionSpecification] { [] }

    private let build: HermitLaunch.Build

    private init(_ build: @escaping HermitLaunch.Build) {
        self.build = build
    }

    /// The kind of guest, specialised for one hypervisor's machine.
    ///
    /// - Parameter makeMachine: makes the machine for a guest.
    public static func running<Host: InterruptMachine & ~Copyable>(
        in makeMachine: @escaping () throws(HypervisorError) -> Host
    ) -> HermitKind {
        HermitKind { (plan, attachment, observation, ending, warn) throws(TenderError) in
            let machine = try wrapping(TenderError.hypervisor, makeMachine)
            let guest = try HermitGuest(
                plan, attachment, observation, ending,
                in: HermitMachine(plan, attachment.network, in: machine), warn: warn)
            // The VM's descriptor would close here, although the vCPUs keep the VM itself alive.
            // But KVM detaches irqfds when the VM's descriptor closes.
            if attachment.network != nil { OpenMachine(machine).stayOpen() }
            return guest
        }
    }

    public func recognise(_ file: ImageFile) throws(ImageError) -> (any GuestImage)? {
        guard !HermitImage.recognises(file) else { return HermitGuestImage(file, build) }
        // Throws the reason.
        _ = try HermitImage(inspecting: file)
        return nil
    }
}

/// A file that is, or claims to be, a Hermit guest.
final class HermitGuestImage: GuestImage {
    let file: ImageFile
    private let build: HermitLaunch.Build

    init(_ file: ImageFile, _ build: @escaping HermitLaunch.Build) {
        self.file = file
        self.build = build
    }

    var kind: String { HermitKind.name }

    func missing(
        from modules: [RegisteredModule], isThorough: Bool
    ) throws(ImageError) -> [String] {
        []
    }

    func inspect(_ modules: [RegisteredModule]) throws(ImageError) -> GuestDescription {
        guard try HermitContainer.isOne(file) else {
            return try HermitImage(inspecting: file).description()
        }
        let container = try HermitContainer(file)
        return try HermitImage(inspecting: container.kernel).description(in: container)
    }

    func launch(_ request: LaunchRequest) -> any GuestLaunch {
        HermitLaunch(file, request, build)
    }
}

/// A machine whose descriptor stays open to the end of the process. The sandbox allows only read(2)
/// and write(2) on it, which a VM's descriptor does not implement.
private final class OpenMachine<Host: InterruptMachine & ~Copyable> {
    private let machine: Host

    init(_ machine: consuming Host) {
        self.machine = machine
    }

    func stayOpen() {
        // Never released.
        unsafe _ = Unmanaged.passRetained(self)
    }
}
