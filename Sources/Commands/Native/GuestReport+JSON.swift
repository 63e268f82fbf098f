import Tender

extension GuestReport {
    var json: JSON {
        .object([
            ("type", .string("pinnace.guest")),
            ("version", .number(1)),
            ("path", .string(image.path)),
            ("kind", .string(KnownModule.hvtGuests)),
            ("abi", Self.abi(image)),
            ("manifest", Self.manifest(image)),
            ("entry", .number(image.entry)),
            ("segments", .array(segments.map(Self.json))),
            ("modules", .array(needs.map { $0.modules.map(json) } ?? [])),
            ("modulesCertain", .boolean(needs?.isCertain ?? false)),
            ("objection", objection.map { .string($0) } ?? .null),
        ])
    }

    /// As `solo5-elftool query-manifest` prints it.
    static func manifest(_ image: HVTImage) -> JSON {
        .object([
            ("type", .string("solo5.manifest")),
            ("version", .number(1)),
            (
                "devices",
                .array(
                    image.manifest.devices.map {
                        .object([
                            ("name", .string($0.name)), ("type", .string($0.type.description)),
                        ])
                    })
            ),
        ])
    }

    /// As `solo5-elftool query-abi` prints it.
    static func abi(_ image: HVTImage) -> JSON {
        .object([
            ("type", .string("solo5.abi")),
            ("target", .string(image.abi.targetName)),
            ("version", .number(UInt64(image.abi.version))),
        ])
    }

    private static func json(_ segment: Segment) -> JSON {
        .object([
            ("start", .number(segment.start)),
            ("end", .number(segment.end)),
            ("readable", .boolean(segment.isReadable)),
            ("writable", .boolean(segment.isWritable)),
            ("executable", .boolean(segment.isExecutable)),
            ("fileOffset", .number(segment.fileOffset)),
            ("fileSize", .number(segment.fileSize)),
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
