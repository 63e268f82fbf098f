import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// That no hypercall allocates memory: the release flavour calls the allocator as often for 900 of
/// them as for 100. Breakpoints that never stop do the counting.
@Suite("Allocations", .boots, .needs(Flavour.lackOfSymbols), .needs(Host.missing("gdb")))
struct AllocationTests {
    @Test("Without a network", arguments: HotCall.withoutNetwork)
    func withoutNetwork(call: HotCall) throws {
        let few = try allocations(call, 100)
        let many = try allocations(call, 900)
        #expect(few == many)
    }

    @Test("With a tap", .usesTaps, arguments: HotCall.withTaps)
    func withTap(call: HotCall) throws {
        let few = try allocations(call, 100)
        let many = try allocations(call, 900)
        #expect(few == many)
    }

    /// How often the allocator was called in all, which is more than never.
    private func allocations(_ call: HotCall, _ count: Int) throws -> Int {
        let functions = [
            "malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign",
        ]
        var commands = ["set confirm off"] + functions.map { "break \($0)" }
        commands += functions.indices.map { "ignore \($0 + 1) 1000000000" }
        commands += ["run", "info breakpoints"]
        let watch =
            "gdb -batch -nx " + commands.map { "-ex \(Shell.quoted($0))" }.joined(separator: " ")
            + " --args"
        let output = try call.run(Flavour.unstripped, count: count, under: watch)
        let hits = output.matches(of: /already hit ([0-9]+) time/).compactMap { Int($0.1) }
        let total = hits.reduce(0, +)
        try #require(total > 0, "\(output)")
        return total
    }
}
