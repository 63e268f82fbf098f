import TestSupport
import Testing

@testable import BootSupport

/// What is told about a guest that fails: production tenders do so, too.
@Suite("Faults explained", .boots) struct FaultTests {
    @Test("Where, by name, and who called", arguments: Flavour.built)
    func place(flavour: Flavour) throws {
        let error = try flavour.run("protect", ["write-text"]).error
        let lines = error.split(separator: "\n").map(String.init)
        #expect(
            lines.first?.hasPrefix("pinnace: KVM: host/guest translation fault: rip=0x") == true)
        let place = #/  at 0x[0-9a-f]+ <do_write(\+0x[0-9a-f]+)?>/#
        #expect(lines.contains { $0.wholeMatch(of: place) != nil })
        #expect(lines.contains { $0.contains("called from 0x") && $0.contains("<run_write+") })
        // One screen.
        #expect(lines.count <= 24)
    }

    @Test("What was touched", arguments: Flavour.built)
    func address(flavour: Flavour) throws {
        let error = try flavour.run("hostile", ["puts-far-pointer"], options: ["--mem=16"]).error
        let gpa = try #require(error.firstMatch(of: /gpa=(0x[0-9a-f]+)/)?.1)
        #expect(
            error.contains("address \(gpa): past the guest's memory, which ends at 0x1000000"),
            "\(error)")
    }

    @Test("A triple fault: the page fault before it", arguments: Flavour.built)
    func tripleFault(flavour: Flavour) throws {
        let outcome = try flavour.run("debug", ["crash"])
        #expect(outcome.status == 1)
        #expect(outcome.error.contains("(triple fault)"))
        #expect(
            outcome.error.contains(
                "address 0x7000000000 (of the last page fault): past the guest's memory"))
        #expect(outcome.error.contains("<run_crash+"))
    }

    @Test("The registers", arguments: Flavour.built)
    func registers(flavour: Flavour) throws {
        let error = try flavour.run("hostile", ["puts-far-pointer"]).error
        let rip = try #require(error.firstMatch(of: #/  at 0x([0-9a-f]+) /#)?.1)
        let padded = String(repeating: "0", count: 16 - rip.count) + rip
        #expect(error.contains("rip \(padded)"))
        for name in ["rax", "rbx", "r8 ", "r15", "rfl", "cr2", "cr3"] {
            #expect(error.firstMatch(of: try Regex("\(name) [0-9a-f]{16}")) != nil, "\(name)")
        }
    }

    @Test("As solo5-hvt, too", arguments: Flavour.built)
    func standingIn(flavour: Flavour) throws {
        let outcome = try ChildProcess.run(
            flavour.path, ["--as", "solo5-hvt", Host.guest("protect"), "write-text"])
        #expect(outcome.status == 1)
        #expect(outcome.error.hasPrefix("solo5-hvt: KVM: host/guest translation fault: rip=0x"))
        #expect(outcome.error.contains("<do_write"))
    }

    @Test("A Hermit guest, which lies elsewhere than it was linked", arguments: Flavour.built)
    func hermit(flavour: Flavour) throws {
        let error = try flavour.run("hermit/hostile-v3", ["block", "serial", "below"]).error
        #expect(error.hasPrefix("pinnace: guest fault: SerialWriteBuffer (port 0x1030)"))
        #expect(error.contains("<run_block+"), "\(error)")
        #expect(error.firstMatch(of: /the image was moved by 0x[1-9a-f]/) != nil)
    }
}
