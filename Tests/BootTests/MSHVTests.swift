import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// Where the back end for the Microsoft Hypervisor meets an emulation of that, which needs KVM.
enum MSHVPlace: String, CaseIterable, CustomTestStringConvertible {
    /// In a program of the tests, which puts it in the place of system calls, and has no sandbox.
    case seam
    /// In the kernel's place, for the release binary as it is, with its sandbox.
    case kernel

    private static func beside(_ name: String) -> String {
        Bundle.main.bundleURL.appendingPathComponent(name).path
    }

    /// The release binary with both back ends, which profile `debug` has as well.
    static let release = Flavour.release.debugPath

    /// What to call in the tender's place.
    var path: String {
        switch self {
        case .seam: Self.beside("emulated-pinnace")
        case .kernel: Self.beside("with-mshv")
        }
    }

    /// - Parameter faults: what goes wrong.
    func environment(faults: String = "") -> [String: String] {
        [
            "PINNACE": path, "PINNACE_MSHV_FAULTS": faults, "PINNACE_MSHV_ONLY": "1",
            "PINNACE_MSHV_PROGRAM": self == .kernel ? Self.release : "",
        ].filter { !$0.value.isEmpty }
    }

    /// What is missing, if something is.
    var lack: String? {
        #if arch(x86_64)
            if let obstacle = Host.obstacle { return obstacle }
            let files = [path] + (self == .kernel ? [Self.release] : [])
            return files.first { access($0, X_OK) != 0 }.map { "\($0) is missing" }
        #else
            return "the emulation is of the interface for x86_64"
        #endif
    }

    static let possible = allCases.filter { $0.lack == nil }

    var testDescription: String { rawValue }

    /// Runs a guest of ours to its end.
    func run(
        _ guest: String, _ arguments: [String] = [], options: [String] = [], faults: String = "",
        timeout: Double = 60
    ) throws -> ChildProcess.Outcome {
        let environment = ProcessInfo.processInfo.environment.merging(
            environment(faults: faults)
        ) { $1 }
        return try ChildProcess.run(
            path, ["run"] + options + [Host.guest(guest)] + arguments, environment: environment,
            timeout: timeout)
    }
}

/// Says which places the other tests could not be run in.
@Suite("Places of the emulated hypervisor") struct MSHVPlaceTests {
    @Test("The seam is there", .needs(MSHVPlace.seam.lack))
    func seam() {}

    @Test("The release binary is there", .needs(MSHVPlace.kernel.lack))
    func kernel() {}
}

/// The cases of the boot table whose guests are Solo5's, on an emulated Microsoft Hypervisor.
@Suite("Cases on the Microsoft Hypervisor") struct MSHVCaseTests {
    @Test("Without a network", .boots, arguments: Self.runs(withTaps: false))
    func withoutNetwork(case hosted: MSHVCase) throws { try expectNoObjections(hosted) }

    @Test("With taps", .usesTaps, arguments: Self.runs(withTaps: true))
    func withTaps(case hosted: MSHVCase) throws { try expectNoObjections(hosted) }

    private func expectNoObjections(_ hosted: MSHVCase) throws {
        let objections = try hosted.objections(
            hosted.place.environment(), inNamespace: hosted.run.bootCase.taps > 0)
        #expect(objections == [])
    }

    private static func runs(withTaps: Bool) -> [MSHVCase] {
        MSHVCase.all.filter { ($0.run.bootCase.taps > 0) == withTaps }
    }
}

/// A case of the boot table, with what must come of it on the other hypervisor.
struct MSHVCase: ScriptedCase {
    let place: MSHVPlace
    let run: BootRun
    var expectation: ExpectedEnd

    var script: String { run.script }
    var guests: [String] { run.guests }
    var program: String { run.program }
    var testDescription: String { "\(place), \(run.testDescription)" }

    static let all = MSHVPlace.possible.flatMap { place in
        tables(place).compactMap { bootCase -> MSHVCase? in
            // Command lines know nothing of hypervisors: one way to call the tender is enough.
            let run = BootRun(bootCase: bootCase, invocation: bootCase.invocations[0])
            let arguments = bootCase.arguments.joined(separator: " ")
            if others[arguments] != nil { return nil }
            // The emulation's files in memory are under the same limit on their size.
            if bootCase.preparation.contains(where: { $0.hasPrefix("ulimit -f") }) { return nil }
            var expectation = bootCase.expectation.onMSHV
            if let line = errors[arguments] {
                expectation = ExpectedEnd(status: 1, output: .anything, error: .lineWith(line))
            }
            return MSHVCase(place: place, run: run, expectation: expectation)
        }
    }

    private static func tables(_ place: MSHVPlace) -> [BootCase] {
        let tables = [
            BootCase.basic, BootCase.memory, BootCase.layout, BootCase.image, BootCase.protection,
            BootCase.faults, BootCase.hostile, BootCase.hostileDevices, BootCase.block,
            BootCase.net, BootCase.ring,
        ]
        // The program of the tests has other modules than the one that these command lines are for.
        return tables.flatMap { $0 } + (place == .kernel ? BootCase.commandLine : [])
    }

    /// Guests that have an end of their own on this hypervisor, by their arguments.
    private static let errors = [
        // No instruction of several elements is a hypercall.
        "port-string": "Invalid guest port access: port=0x502",
        // The hypervisor's own tables hold for page tables of the guest's own, too.
        "own-write-bootinfo": "host/guest translation fault: rip=0x1",
        "mmio-hole": "host/guest translation fault: rip=0x1",
        "mmio-hole-write": "host/guest translation fault: rip=0x1",
    ]

    /// Guests that the emulation is no stage for, by their arguments, and why.
    private static let others = [
        // Which MSRs there are is the hypervisor's decision; here, it is that of KVM without a filter.
        "msr-counter": "MSRs", "msr-page-attributes": "MSRs", "msr-system-call": "MSRs",
        "msr-kvm-clock": "MSRs",
        // The limits of KVM's emulator of instructions, which differ from host to host.
        "breakpoint": "emulator", "mmio-hole-execute": "emulator", "mmio-hole-float": "emulator",
    ]
}

extension ExpectedEnd {
    /// The same, with the other hypervisor's names and numbers in what is written to standard error.
    fileprivate var onMSHV: ExpectedEnd {
        var copy = self
        copy.error =
            switch error {
            case .nothing, .anything: error
            case .exactly(let text): .exactly(Self.translated(text))
            case .containing(let texts): .containing(texts.map { Self.translated($0) })
            case .matching(let text): .matching(Self.translated(text))
            case .line(let text): .line(Self.translated(text))
            case .lineWith(let text): .lineWith(Self.translated(text))
            }
        return copy
    }

    private static func translated(_ text: String) -> String {
        let numbers = ["0x8 ": "0x80000021 ", "0x5 ": "0x80010007 "]
        return numbers.reduce(text.replacingOccurrences(of: "KVM: ", with: "MSHV: ")) {
            $0.replacingOccurrences(
                of: "exit_reason=\($1.key)", with: "message_type=\($1.value)")
        }
    }
}
