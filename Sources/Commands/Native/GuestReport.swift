import JSON
import Programs
import Tender

/// Describes an image of any kind, as text and as JSON.
struct GuestReport {
    let image: any GuestImage
    let description: GuestDescription
    let modules: [RegisteredModule]

    init(_ image: any GuestImage, _ modules: [RegisteredModule]) throws(ImageError) {
        self.image = image
        self.modules = modules
        description = try image.inspect(modules)
    }

    var text: String {
        var rows = description.rows.map { ($0.name, printable($0.value)) }
        for (index, module) in description.needs.enumerated() {
            rows.append((index == 0 ? "modules" : "", line(module)))
        }
        if !description.needs.isEmpty, !description.needsAreCertain {
            rows.append(("", "(its code does not tell which of the basic ones it uses)"))
        }
        if let objection = description.objection {
            rows.append(("cannot run", printable(objection)))
        }
        return "\(image.file.path)\n\(columns(rows))"
    }

    private func line(_ module: KnownModule) -> String {
        module.isBuiltIn(modules)
            ? module.name : "\(module.name), not in this pinnace (trait \(module.trait))"
    }

    var json: JSON {
        .object(
            [
                ("type", .string("pinnace.guest")),
                ("version", .number(1)),
                ("path", .string(image.file.path)),
                ("kind", .string(image.kind)),
            ] + description.members.map { ($0.key, $0.value) } + [
                ("modules", .array(description.needs.map(json))),
                ("modulesCertain", .boolean(description.needsAreCertain)),
                ("objection", description.objection.map { .string($0) } ?? .null),
            ])
    }

    private func json(_ module: KnownModule) -> JSON {
        .object([
            ("name", .string(module.name)),
            ("trait", .string(module.trait)),
            ("builtIn", .boolean(module.isBuiltIn(modules))),
        ])
    }
}
