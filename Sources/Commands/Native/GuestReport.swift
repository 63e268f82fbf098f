import JSON
import Tender

extension GuestDescription {
    /// The report on an image of any kind, for `inspect`.
    func report(on image: any GuestImage, _ modules: [RegisteredModule]) -> Report {
        var whole = Report("pinnace.guest", heading: image.file.path)
        whole.add("path", .string(image.file.path))
        whole.add("kind", .string(image.kind))
        whole.add(report)
        whole.add(
            "modules", .array(needs.map { Self.json($0, modules) }), as: "modules",
            needs.map { Self.line($0, modules) })
        whole.add("modulesCertain", .boolean(needsAreCertain))
        if !needs.isEmpty, !needsAreCertain {
            whole.show("", ["(its code does not tell which of the basic ones it uses)"])
        }
        whole.add(
            "objection", objection.map { .string($0) } ?? .null, as: "cannot run",
            objection.map { [$0] } ?? [])
        return whole
    }

    private static func line(_ module: KnownModule, _ modules: [RegisteredModule]) -> String {
        module.isBuiltIn(modules)
            ? module.name : "\(module.name), not in this pinnace (trait \(module.trait))"
    }

    private static func json(_ module: KnownModule, _ modules: [RegisteredModule]) -> JSON {
        .object([
            ("name", .string(module.name)),
            ("trait", .string(module.trait)),
            ("builtIn", .boolean(module.isBuiltIn(modules))),
        ])
    }
}
