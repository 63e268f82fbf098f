import Tender

/// What there is to say about an image of a kind that only some module knows.
struct ForeignGuestReport {
    let image: ForeignImage
    /// As the module tells them.
    let facts: [(name: String, value: String)]
    /// Why the image can't run anywhere, if it can't.
    let objection: String?

    init(_ image: ForeignImage) throws(ImageError) {
        self.image = image
        let description = try image.kind?.inspect(image.file)
        facts = description?.facts ?? [("kind", image.guests)]
        objection = description?.objection
    }

    var text: String {
        var rows = facts.map { ($0.name, printable($0.value)) }
        rows.append(
            (
                "modules",
                image.kind == nil
                    ? "\(image.module), not in this pinnace (trait \(image.trait))" : image.module
            ))
        if let objection { rows.append(("cannot run", printable(objection))) }
        return "\(image.file.path)\n\(columns(rows))"
    }

    var json: JSON {
        .object([
            ("type", .string("pinnace.guest")),
            ("version", .number(1)),
            ("path", .string(image.file.path)),
            ("kind", .string(image.guests)),
            ("facts", .object(facts.map { ($0.name, .string($0.value)) })),
            (
                "modules",
                .array([
                    .object([
                        ("name", .string(image.module)),
                        ("trait", .string(image.trait)),
                        ("builtIn", .boolean(image.kind != nil)),
                    ])
                ])
            ),
            ("modulesCertain", .boolean(true)),
            ("objection", objection.map { .string($0) } ?? .null),
        ])
    }
}
