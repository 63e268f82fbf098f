import TestSupport
import Testing

@testable import BootSupport

/// Every case of the tables, on this machine.
@Suite("Cases") struct CaseTests {
    @Test("Without a network", .boots, arguments: Flavour.built, Self.runs(withTaps: false))
    func withoutNetwork(flavour: Flavour, run: BootRun) throws {
        let objections = try run.objections(flavour)
        #expect(objections == [])
    }

    @Test("With taps", .usesTaps, arguments: Flavour.built, Self.runs(withTaps: true))
    func withTaps(flavour: Flavour, run: BootRun) throws {
        let objections = try run.objections(flavour, inNamespace: true)
        #expect(objections == [])
    }

    private static func runs(withTaps: Bool) -> [BootRun] {
        BootRun.all.filter { ($0.bootCase.taps > 0) == withTaps }
    }
}
