import CommandsSupport
import Programs
import Tender
import TestSupport
import Testing

@testable import Commands

/// Commands that modules bring, and options of modules that look into guests of any kind.
@Suite struct ModuleCommandTests {
    private let modules = FakeModule.all + [RegisteredModule(FakeObserver.self)]

    @Test func `its options and operands reach it`() {
        let reply = pinnace("echo", "a", "--loud", "b", modules: modules)
        #expect(reply == Reply(status: 3, output: "--loud a b\n"))
    }

    @Test func `it is in the help, and has one of its own`() {
        #expect(pinnace("--help", modules: modules).output.contains("  echo [OPTIONS] WORDS"))
        let help = pinnace("echo", "--help", modules: modules)
        #expect(help == pinnace("help", "echo", modules: modules))
        #expect(help.status == 0)
        #expect(help.output.hasPrefix("usage: pinnace echo [OPTIONS] WORDS\n\nEchoes.\n"))
        #expect(help.output.contains("--loud"))
        #expect(pinnace("echo", "--version", modules: modules).output == "pinnace 0.1.0\n")
    }

    @Test(arguments: [
        (["echo"], "nothing to echo"),
        (["echo", "--lout"], "unknown option --lout: did you mean --loud?"),
        (["echo", "--loud", "--loud"], "option --loud is given twice"),
        (["ecko"], "unknown command ecko: did you mean echo?"),
        (["trace", "x"], "trace: this pinnace was built without module trace (trait Trace)"),
        (["help", "trace"], "trace: this pinnace was built without module trace (trait Trace)"),
    ])
    func `what is wrong is told`(arguments: [String], line: String) {
        let reply = call("pinnace", arguments.map { Argument($0) }, modules: modules)
        #expect(reply == Reply(status: 1, error: "pinnace: \(line)\n"))
    }

    @Test func `a Hermit guest's module gets no options of others`() throws {
        let record = HermitRecord()
        let hermit = try GuestFile(.markedHermit())
        let reply = pinnace(
            "run", "--watch=x", "--stats", hermit.path, modules: modules + [record.module])
        #expect(reply.status == 0, "\(reply)")
        #expect(record.options == [OptionValue(name: "stats")])
        let observation = try record.request?.observation(
            of: ImageFile(path: hermit.path), kind: "Hermit")
        #expect(observation?.kind == "Hermit")
        #expect(observation?.options(named: "watch").map(\.value) == ["x"])
    }

    @Test func `an option for one kind of guests may share its name with one for another`() throws {
        let stats = [OptionValue(name: "stats")]
        let both = Registry.over(modules + [HermitRecord().module])
        for kind in ["Solo5", "Hermit"] { #expect(both.objections(to: stats, for: kind) == []) }
        #expect(
            Registry.over(modules).objections(to: stats, for: "Hermit") == [
                CommandError("option --stats is for Solo5 guests, and this is a Hermit one")
            ])
    }
}

private final class FakeObserver: Module {
    static let manifest = ModuleManifest(
        KnownModule(name: "watch", trait: "Watch", guests: nil), summary: "watches",
        options: [
            OptionSpecification(name: "watch", valueName: "X", help: "what to watch"),
            OptionSpecification(name: "stats", help: "counts", guests: "Solo5"),
        ])

    static var commands: [ModuleCommand] {
        [
            ModuleCommand(
                name: "echo", operands: "[OPTIONS] WORDS", summary: "echoes", about: "Echoes.\n",
                options: [OptionSpecification(name: "loud", help: "loudly")],
                run: { (request) throws(ModuleError) in
                    guard !request.operands.isEmpty else { throw ModuleError("nothing to echo") }
                    let words = request.options.map(\.text) + request.operands
                    request.print(words.joined(separator: " ") + "\n")
                    return 3
                })
        ]
    }
}
