import Manifests
import Rules
import Tender
import TestSupport

/// A module that brings Hermit guests to run, with the options of the real one, and runs none.
package final class FakeUhyve: Module {
    package init() {}

    package static let manifest = ModuleManifest(
        KnownModule(name: "uhyve", trait: "Uhyve", guests: "Hermit"),
        summary: "runs Hermit guests",
        hypercalls: [HypercallSpecification(number: 0x400, name: "FileWrite", argumentSize: 20)],
        options: [
            OptionSpecification(name: "cpus", valueName: "N", help: "vCPUs", isNativeOnly: true),
            OptionSpecification(
                name: "env", valueName: "VAR", help: "a variable", isRepeatable: true,
                isNativeOnly: true),
            OptionSpecification(
                name: "net", valueName: "IFACE", help: "a tap", isNativeOnly: true),
            OptionSpecification(name: "stats", help: "counts", isNativeOnly: true),
        ])

    /// It has nothing for hvt guests, and must not be asked.
    package func attach(to launch: inout Launch) throws(ModuleError) {
        throw ModuleError("module uhyve attached")
    }
}

/// What launches were asked to run or to check.
package final class HermitRecord {
    package init() {}

    package var requests: [LaunchRequest] = []
    package var request: LaunchRequest? { requests.count == 1 ? requests[0] : nil }
    /// Of the module; observers have others.
    package var options: [OptionValue]? {
        request?.options.filter { option in
            FakeUhyve.manifest.options.contains { $0.name == option.name }
        }
    }
    /// The path of the image of each launch.
    package var paths: [String] = []
    /// How guests end.
    package var status: Int32 = 0
    package var failure: TenderError?
    package var warning: String?
    /// Why images can't run.
    package var objection: String?

    package var module: RegisteredModule {
        RegisteredModule(FakeUhyve.self, guestKind: FakeHermitKind(self))
    }
}

/// A kind of guests that records what it is asked for.
package final class FakeHermitKind: GuestKind {
    private let record: HermitRecord

    package init(_ record: HermitRecord) {
        self.record = record
    }

    package var name: String { "Hermit" }
    package var options: [OptionSpecification] { [] }

    package func recognise(_ file: ImageFile) throws(ImageError) -> (any GuestImage)? {
        HermitMark(file) == nil ? nil : FakeHermitGuest(file, record)
    }
}

private final class FakeHermitGuest: GuestImage {
    let file: ImageFile
    private let record: HermitRecord

    init(_ file: ImageFile, _ record: HermitRecord) {
        self.file = file
        self.record = record
    }

    var kind: String { "Hermit" }

    func inspect(_ modules: [RegisteredModule]) throws(ImageError) -> GuestDescription {
        var report = Report()
        report.show("kind", ["Hermit"])
        report.add("kernel", .string("0.12.0"), as: "kernel", ["Hermit 0.12.0"])
        return GuestDescription(
            report, needs: [UhyveManifest.known], objection: record.objection)
    }

    func missing(
        from modules: [RegisteredModule], isThorough: Bool
    ) throws(ImageError) -> [String] { [] }

    func launch(_ request: LaunchRequest) -> any GuestLaunch {
        FakeHermitLaunch(file, record, request)
    }
}

private final class FakeHermitLaunch: GuestLaunch, BuiltGuest {
    private let file: ImageFile
    private let record: HermitRecord
    private let request: LaunchRequest

    init(_ file: ImageFile, _ record: HermitRecord, _ request: LaunchRequest) {
        self.file = file
        self.record = record
        self.request = request
    }

    func attach(_ objections: inout Objections) throws(TenderError) {
        record.requests.append(request)
        record.paths.append(file.path)
        if let warning = record.warning { request.warn(warning) }
        if let failure = record.failure { try objections.add(failure) }
    }

    func build() throws(TenderError) -> any BuiltGuest { self }
    func confinement() throws(TenderError) -> Confinement {
        Confinement([], Bindings(), Observation())
    }
    func start() throws(TenderError) {}
    func run() throws(TenderError) -> Int32 { record.status }
}

extension ELFBuilder {
    /// A file with the notes of a Hermit guest. The first is behind another one.
    ///
    /// - Parameter hasTag: whether the kernel is one from 0.10.0 on.
    package static func markedHermit(hasTag: Bool = true) -> ELFBuilder {
        var parts: [Part] = [
            .segment(Part.execute, at: 0x80_0000, [0xF4]),
            .note(name: "OpenBSD", type: 1, [0, 0, 0, 0]),
        ]
        var entry = Part.note(name: "X", type: 7, [1, 2, 3, 4])
        entry.bytes += Part.note(name: "HERMIT", type: 0x5A00, [4]).bytes + [0, 0, 0]
        parts.append(entry)
        if hasTag {
            parts.append(
                .note(name: "GNU", type: 1, [6, 0, 12, 0].flatMap { littleEndian(UInt32($0)) }))
        }
        var builder = ELFBuilder(parts)
        builder.header.entry = 0x80_0000
        return builder
    }
}
