import CLinux
import Foundation
import Linux
import Rules
import TestSupport
import Testing

@testable import Sandbox
@testable import Tender

/// What can be tested without giving up anything; the tests in Boot do the rest.
@Suite("Sandbox") struct SandboxTests {
    @Test(arguments: [("7", 7, 7), ("7:8", 7, 8), ("0", 0, 0), ("4294967294:1", 4_294_967_294, 1)])
    func users(_ text: String, _ number: UInt32, _ group: UInt32) throws {
        let user = try #require(User(text))
        #expect(user.number == number)
        #expect(user.group == group)
    }

    @Test(arguments: ["", ":", "7:", ":7", "root", "-1", "+1", "1:+2", "4294967295", "1:2:3", "1 "])
    func noUsers(_ text: String) {
        #expect(User(text) == nil)
    }

    @Test func modes() {
        for name in SandboxMode.names { #expect(SandboxMode(name: name)?.rawValue == name) }
        #expect(SandboxMode(name: "") == nil)
        #expect(SandboxMode(name: "On") == nil)
    }

    /// The filter's text for these specifications.
    private func pseudoCode(_ specifications: [SystemCallSpecification]) throws -> String {
        var bindings = Bindings()
        bindings.bind("a disk", to: 77)
        let manifest = ModuleManifest(
            KnownModule(name: "test", trait: "Test", guests: nil), summary: "",
            systemCalls: specifications)
        let pipe = Pipe()
        try Sandbox.writePseudoCode(
            of: Confinement([manifest], bindings, Observation()),
            to: pipe.fileHandleForWriting.fileDescriptor)
        try pipe.fileHandleForWriting.close()
        return String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    }

    @Test func theFilterPinsArgumentsAndKillsTheRest() throws {
        let text = try pseudoCode([
            SystemCallSpecification("pread64", [.descriptor(argument: 0, "a disk")])
        ])
        #expect(text.contains("\"pread64\""))
        #expect(text.contains("$a0.lo32 == 77"))
        #expect(text.contains("action KILL_PROCESS"))
        #expect(!text.contains("pwrite64"))
    }

    @Test func whatModulesHaveInCommonIsAllowedOnce() throws {
        let read = SystemCallSpecification("read", [.descriptor(argument: 0, "a disk")])
        _ = try pseudoCode([read, read])
    }

    @Test func whatTheHeapAsksForFailsAndDoesNotEndTheProcess() throws {
        let text = try pseudoCode([])
        for name in ["mmap", "brk", "madvise"] { #expect(text.contains("\"\(name)\"")) }
        #expect(text.contains("action ERRNO(12)"))
        #expect(text.contains("default action") && text.contains("action KILL_PROCESS"))
    }

    @Test func adviceFitsTheProgram() {
        let error = SandboxError.refused(["capset"])
        #expect(error.text().hasSuffix("; --sandbox=inherited relies on that policy instead"))
        #expect(error.text(hasOption: false).contains("`pinnace run --sandbox=inherited`"))
        #expect(
            SandboxError.failed("Landlock", Errno(E2BIG)).description.hasSuffix(
                "(sixteen Landlock policies are the most that can be stacked: start it under fewer)"
            ))
    }

    @Test func aCallThatThereIsNotIsNamed() {
        #expect(throws: SandboxError.filter(call: "frobnicate", Errno(ENOSYS))) {
            try pseudoCode([SystemCallSpecification("frobnicate")])
        }
    }

    /// Before anything is given up.
    @Test func whatTheHypervisorLacksIsAnErrorIfStrict() {
        var confinement = Confinement([], Bindings(), Observation())
        confinement.missingProtections = ["filter for something"]
        let sandbox = Sandbox(mode: .strict, program: "test")
        #expect(throws: SandboxError.missing("filter for something")) {
            try sandbox.confine(confinement)
        }
    }

    @Test func aFilterThatIsNotThereCanNotBeInherited() {
        let sandbox = Sandbox(mode: .inherited, program: "test")
        #expect(throws: SandboxError.nothingInherited) {
            try sandbox.confine(Confinement([], Bindings(), Observation()))
        }
    }
}
