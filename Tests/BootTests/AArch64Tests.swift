import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// The release flavour for aarch64, with guests for it, on a machine of that kind.
///
/// PINNACE_RUNNER_AARCH64 is a way to one, as PINNACE_RUNNER is in `OtherMachineTests`.
@Suite("A machine of another architecture: aarch64") struct AArch64Tests {
    private static let debugTender = Host.setting(
        "PINNACE_RELEASE_DEBUG_AARCH64", otherwise: ".build/pinnace-debug-aarch64")

    static let machine = OtherMachine(
        runner: ProcessInfo.processInfo.environment["PINNACE_RUNNER_AARCH64"] ?? "",
        tender: Host.setting("PINNACE_RELEASE_AARCH64", otherwise: ".build/pinnace-full-aarch64"),
        debugTender: access(debugTender, X_OK) == 0 ? debugTender : nil,
        guests: "\(Host.guests)/aarch64")

    private static let obstacle: String? =
        if machine.runner.isEmpty {
            "PINNACE_RUNNER_AARCH64 names no way to a machine of that kind"
        } else if access(machine.tender, X_OK) != 0 {
            "\(machine.tender) is missing: `make ARCH=aarch64` builds it"
        } else {
            Host.missingGuests
        }

    /// Why guests can't be looked into there, if they can't.
    static let debugObstacle: String? =
        obstacle
        ?? (access(debugTender, X_OK) == 0
            ? nil : "\(debugTender) is missing: `make ARCH=aarch64 PROFILE=debug` builds it")

    @Test("Cases that ask nothing of the processor", .needs(Self.obstacle))
    func shared() throws { try run(BootCase.sharedWithAArch64) }

    @Test("Layout, protection, exceptions and faults", .needs(Self.obstacle))
    func own() throws { try run(BootCase.aarch64) }

    @Test("Hostile guests", .needs(Self.obstacle))
    func hostile() throws { try run(BootCase.hostileOnAArch64) }

    private func run(_ cases: [BootCase]) throws {
        #expect(cases.count > 20)
        try Self.machine.expectNoFailures(
            of: cases.map { BootRun(bootCase: $0, invocation: $0.invocations[0]) })
    }
}
