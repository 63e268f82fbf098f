import TestSupport
import Testing

/// Every case of the tables, on this machine.
@Suite("Cases") struct CaseTests {
    @Test("Without a network", .boots, arguments: Flavour.built, Self.runs(withTaps: false))
    func withoutNetwork(flavour: Flavour, run: BootRun) throws {
        let objections = try objections(to: run, flavour, inNamespace: false)
        #expect(objections == [])
    }

    @Test("With taps", .usesTaps, arguments: Flavour.built, Self.runs(withTaps: true))
    func withTaps(flavour: Flavour, run: BootRun) throws {
        let objections = try objections(to: run, flavour, inNamespace: true)
        #expect(objections == [])
    }

    private static func runs(withTaps: Bool) -> [BootRun] {
        BootRun.all.filter { ($0.bootCase.taps > 0) == withTaps }
    }

    private func objections(
        to run: BootRun, _ flavour: Flavour, inNamespace: Bool
    ) throws -> [String] {
        let directory = try TemporaryDirectory()
        let outcome = try Shell.run(
            inNamespace ? Namespace.command(run.script) : run.script,
            environment: [
                "PINNACE": flavour.path, "GUESTS": Host.guests, "WORK": directory.path,
            ])
        return run.bootCase.expectation.objections(
            status: outcome.status, output: outcome.output, error: outcome.error,
            program: run.invocation.program)
    }
}
