import Tender
import TestSupport

@testable import Commands

/// A module that brings Hermit guests to run, with the options of the real one, and runs none.
final class FakeUhyve: Module {
    static let manifest = ModuleManifest(
        name: "uhyve", trait: "Uhyve", summary: "runs Hermit guests",
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

/// What the module was asked to run or to check.
final class HermitRecord {
    var requests: [GuestRequest] = []
    var request: GuestRequest? { requests.count == 1 ? requests[0] : nil }
    /// How guests end.
    var status: Int32 = 0
    var failure: TenderError?
    var warning: String?
    /// Why images can't run.
    var objection: String?

    var module: RegisteredModule {
        RegisteredModule(
            FakeUhyve.self,
            guestKind: GuestKind(
                recognises: { HermitMark($0) != nil },
                inspect: { _ in
                    GuestDescription(
                        facts: [("kind", "Hermit"), ("kernel", "Hermit 0.12.0")],
                        objection: self.objection)
                },
                check: { (request) throws(TenderError) in _ = try self.take(request) },
                run: { (request) throws(TenderError) in try self.take(request) }))
    }

    private func take(_ request: GuestRequest) throws(TenderError) -> Int32 {
        requests.append(request)
        if let warning { request.warn(warning) }
        if let failure { throw failure }
        return status
    }
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
