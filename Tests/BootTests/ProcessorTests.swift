import CLinux
import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// What guests are told of the processor does not depend on the CPU that the tender happened to run
/// on.
@Suite("Processor", .boots) struct ProcessorTests {
    /// The numbers of the host's CPUs that this process may use.
    private static let cpus: [Int] = {
        var set = cpu_set_t()
        guard sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &set) == 0 else { return [] }
        return withUnsafeBytes(of: &set) { bytes in
            bytes.indices.flatMap { byte in
                (0..<8).filter { bytes[byte] >> $0 & 1 == 1 }.map { byte * 8 + $0 }
            }
        }
    }()

    private static let obstacle: String? =
        cpus.count < 2
        ? "this machine has one CPU only"
        : access("/usr/bin/taskset", X_OK) == 0 ? nil : "/usr/bin/taskset is missing"

    /// What a guest prints whose tender runs on each of these CPUs.
    private func outputs(_ flavour: Flavour, _ arguments: [String]) throws -> [String] {
        try [Self.cpus.first, Self.cpus.last].compactMap { $0 }.map { cpu in
            let outcome = try ChildProcess.run(
                "/usr/bin/taskset", ["-c", "\(cpu)", flavour.path, "run"] + arguments)
            #expect(outcome.status == 0, "\(outcome.error)")
            return outcome.output
        }
    }

    @Test(
        "attack 17: the host's CPU does not show", .needs(obstacle), arguments: Flavour.built)
    func sameOnEveryCPU(flavour: Flavour) throws {
        let outputs = try outputs(flavour, [Host.guest("processor")])
        #expect(outputs[0].contains("cpuid 1.0 ") && outputs[0].contains("\nSUCCESS\n"))
        #expect(outputs[0] == outputs[1])
    }

    @Test(
        "On one CPU, a guest that knows the network ring keeps its memory and makes hypercalls",
        .needs(obstacle), arguments: Flavour.built, [("auto", 32, 0), ("sync", 30, 30)])
    func ringless(flavour: Flavour, ring: (option: String, size: Int, place: Int)) throws {
        let (near, far) = try Descriptor.socketPair(SOCK_SEQPACKET)
        let words = [
            "taskset", "-c", "\(try #require(Self.cpus.first))", flavour.path, "run", "--mem=32",
            "--net-ring=\(ring.option)", "--net:service=@9", Host.guest("net-ring"),
            "service=10.0.0.2", "count=1",
        ]
        let child = try Shell.start(
            "exec \(Shell.quoted(words))", inherited: [9: near.number])
        #expect(
            try child.waitForOutput(
                "mem_size=\(ring.size) MiB ring=\(ring.place) MiB\nserving"))
        try child.send(signal: SIGKILL)
        _ = try child.wait()
        withExtendedLifetime(far) {}
    }

    /// All vCPUs on one CPU of the host's, and on another.
    @Test(
        "attack 17: Hermit: the host's CPU does not show", .needs(obstacle),
        arguments: Flavour.built)
    func sameForHermit(flavour: Flavour) throws {
        let outputs = try outputs(flavour, [Host.guest("hermit/boot-v3")])
        let lines = outputs.map { output in
            output.split(separator: "\n").filter {
                $0.hasPrefix("brand ") || $0.hasPrefix("cpuid ")
            }
        }
        #expect(lines[0].count == 2)
        #expect(lines[0] == lines[1])
    }
}
