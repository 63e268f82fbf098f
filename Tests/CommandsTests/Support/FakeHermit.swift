import Rules
import Tender
import TestSupport

@testable import Commands

/// A module that brings Hermit guests to run, with the options of the real one, and runs none.
final class FakeUhyve: Module {
    static let manifest = ModuleManifest(
        name: "uhyve", trait: "Uhyve", guests: "Hermit", summary: "runs Hermit guests",
        hypercalls: [
            HypercallSpecification(
                number: 0x400, name: "FileWrite", argumentSize: 20, isPort: true)
        ],
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
    func attach(to launch: inout Launch) throws(ModuleError) {
        throw ModuleError("module uhyve attached")
    }
}

/// What launches were asked to run or to check.
final class HermitRecord {
    var requests: [LaunchRequest] = []
    var request: LaunchRequest? { requests.count == 1 ? requests[0] : nil }
    /// Of the module; observers have others.
    var options: [OptionValue]? {
        request?.options.filter { option in
            FakeUhyve.manifest.options.contains { $0.name == option.name }
        }
    }
    /// The path of the image of each launch.
    var paths: [String] = []
    /// How guests end.
    var status: Int32 = 0
    var failure: TenderError?
    var warning: String?
    /// Why images can't run.
    var objection: String?

    var module: RegisteredModule {
        RegisteredModule(FakeUhyve.self, guestKind: FakeHermitKind(self))
    }
}

/// A kind of guests that records what it is asked for.
final class FakeHermitKind: GuestKind {
    private let record: HermitRecord

    init(_ record: HermitRecord) {
        self.record = record
    }

    var name: String { "Hermit" }
    var options: [OptionSpecification] { [] }

    func recognise(_ file: ImageFile) throws(ImageError) -> (any GuestImage)? {
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
        let facts = [("kind", "Hermit"), ("kernel", "Hermit 0.12.0")]
        return GuestDescription(
            rows: facts, members: [("facts", .object(facts.map { ($0, .string($1)) }))],
            needs: [.uhyve], objection: record.objection)
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
    static func hermit(hasTag: Bool = true) -> ELFBuilder {
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
