import JSON
import Programs
import Rules
import Tender

extension Confinement {
    var text: String {
        var text = "system calls; any other ends the process\n"
        text += columns(
            rules.map { rule in
                let arguments = rule.arguments.map {
                    "argument \($0.index) is \(hexadecimal($0.value)), \($0.meaning)"
                        + ($0.mask == .max ? "" : " (mask \(hexadecimal($0.mask)))")
                }
                return (
                    rule.name,
                    (["for \(rule.owner)"] + arguments).joined(separator: "; ")
                )
            })
        text += "\nfiles that can be opened\n"
        text += columns(
            places.isEmpty
                ? [("none", "")]
                : places.map { ("descriptor \($0.descriptor)", "beneath it, to \($0.access.word)") }
        )
        text += "\ndescriptors that stay open\n"
        let numbers = descriptors.map { kept in
            Self.sorted([0, 1, 2] + kept).map { String($0) }.joined(separator: " ")
        }
        text += columns([(numbers ?? "all that this launch opened itself", "")])
        return text
    }

    var json: JSON {
        .object([
            ("type", .string("pinnace.sandbox")),
            ("version", .number(1)),
            ("systemCalls", .array(rules.map { $0.json })),
            (
                "files",
                .array(
                    places.map {
                        .object([
                            ("descriptor", .number(UInt64(clamping: $0.descriptor))),
                            ("access", .string($0.access.word)),
                        ])
                    })
            ),
            (
                "descriptors",
                descriptors.map { kept in
                    .array(Self.sorted([0, 1, 2] + kept).map { .number(UInt64(clamping: $0)) })
                } ?? .null
            ),
            ("largestFile", largestFile.map { .number($0) } ?? .null),
        ])
    }

    /// Sorted, without duplicates: a descriptor may have several roles.
    private static func sorted(_ numbers: [Int32]) -> [Int32] {
        var result: [Int32] = []
        for number in numbers.sorted() where result.last != number { result.append(number) }
        return result
    }
}

extension Confinement.Place.Access {
    fileprivate var word: String {
        switch self {
        case .read: "read"
        case .write: "read and write"
        case .removal: "remove directories"
        case .creation: "make files"
        }
    }
}

extension SystemCallRule {
    fileprivate var json: JSON {
        .object([
            ("name", .string(name)),
            ("owner", .string(owner)),
            (
                "arguments",
                .array(
                    arguments.map {
                        .object([
                            ("index", .number(UInt64(clamping: $0.index))),
                            ("value", .number($0.value)),
                            ("mask", .number($0.mask)),
                            ("meaning", .string($0.meaning)),
                        ])
                    })
            ),
        ])
    }
}
