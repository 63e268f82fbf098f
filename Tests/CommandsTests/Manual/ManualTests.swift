import CommandsSupport
import Programs
import Tender
import Testing

@testable import Commands

@Suite struct ManualTests {
    private let registry = Registry.over(FakeModule.all)
    private let personas: [any Persona] = [Solo5Persona()]

    @Test func `there is a page for each command and each program`() {
        let pages = pinnace("manual").output.split(separator: "\n").map { String($0) }
        #expect(
            pages == ["pinnace"] + Command.allCases.map { "pinnace-\($0.name)" } + ["solo5-hvt"])
        for page in pages {
            let text = pinnace("manual", page)
            #expect(text.status == 0)
            #expect(text.error == "")
            #expect(
                text.output.contains(".TH \"\(page.uppercased().replacing("-", with: "\\-"))\" 1 "))
        }
    }

    @Test func `a page has all that the help has`() {
        let manual = Manual(registry, personas)
        for page in manual.pages {
            let text = manual.text(of: page, build: "x")
            let plain = text.replacing("\\-", with: "-").replacing("\\(dq", with: "\"")
                .replacing("\\(aq", with: "'").replacing("\\(ga", with: "`")
            for option in page.options.flatMap({ $0.options }) {
                #expect(plain.contains("\\fB\(option.form)\\fR\n\(option.help)."), "\(page.name)")
            }
            for command in page.commands { #expect(plain.contains(command.form)) }
            for table in page.tables {
                for row in table.rows { #expect(plain.contains("\\fB\(row.name)\\fR\n")) }
            }
        }
    }

    @Test func `options are those of the modules that are built in`() {
        #expect(pinnace("manual", "pinnace-run").output.contains("\\-\\-block:NAME=PATH"))
        #expect(!pinnace("manual", "pinnace-run", modules: []).output.contains("\\-\\-block"))
    }

    @Test func `no text is a command of troff's`() {
        var page = CommandDescription(
            name: "x", synopsis: [".so /etc/passwd"], summary: "a",
            about: ".so /etc/passwd\n'br\nback\\slash\n")
        page.options = [
            .init(
                "Options",
                [DescribedOption(OptionSpecification(name: "a", help: ".PP"))])
        ]
        let text = Manual(registry, personas).text(of: page, build: "x")
        for line in text.split(separator: "\n") {
            #expect(!line.hasPrefix(".so") && !line.hasPrefix("'") && line != ".PP.")
        }
        #expect(text.contains("back\\eslash"))
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `every option can be completed`(shell: String) {
        let script = pinnace("completion", shell)
        #expect(script.status == 0)
        for page in Manual(registry, personas).pages {
            for option in page.options.flatMap({ $0.options }) {
                #expect(
                    script.output.contains("\(page.name)|--\(option.name)"), "\(option.name)")
                let help = option.help.replacing("'", with: #"'\''"#)
                #expect(script.output.contains("|\(help)\n"), "\(help)")
            }
        }
        #expect(script.output.contains("pinnace run|--sandbox=|on strict inherited explain|"))
        #expect(!script.output.contains("§") && !script.output.contains("¶"))
    }
}
