import Programs
import Tender

extension NativeProgram {
    /// `pinnace manual [PAGE]`.
    func manual(_ parsed: ParsedArguments, _ registry: Registry) throws(CommandError) -> Int32 {
        if let objection = parsed.objections.first { throw objection }
        guard parsed.operands.count <= 1 else { throw CommandError("more than one PAGE given") }
        let manual = Manual(registry, personas)
        guard let name = parsed.operands.first?.text else {
            return show(manual.pages.map { $0.page + "\n" }.joined())
        }
        guard let page = manual.page(named: name) else {
            let near = nearMiss(name, among: manual.pages.map { $0.page })
            throw CommandError(
                "no manual page \(name): "
                    + (near.map { "did you mean \($0)?" } ?? "`pinnace manual` lists them"))
        }
        return show(manual.text(of: page, build: "\(Self.name) \(buildVersion)"))
    }

    /// `pinnace completion SHELL`.
    func completion(_ parsed: ParsedArguments, _ registry: Registry) throws(CommandError) -> Int32 {
        if let objection = parsed.objections.first { throw objection }
        let names = Help.alternatives(Completion.shells.map { $0.name })
        guard let operand = parsed.operands.first, parsed.operands.count == 1 else {
            throw CommandError("name one shell: pinnace completion \(names)")
        }
        guard let shell = Completion.shells.first(where: { $0.name == operand.text }) else {
            throw CommandError("no completion for \(operand.text), only for \(names)")
        }
        return show(Completion(registry, personas).text(for: shell))
    }
}
