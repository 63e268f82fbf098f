import JSON
import Rules
import Tender

extension Confinement {
    /// What a launch is left with, for `manifest --sandbox`.
    var report: Report {
        var report = Report("pinnace.sandbox", heading: "system calls; any other ends the process")
        report.add("systemCalls", .array(rules.map { $0.json }))
        for rule in rules { report.show(rule.name, [rule.line]) }
        report.begin("files that can be opened")
        report.add("files", .array(paths.map { $0.json }))
        for path in paths {
            report.show("descriptor \(path.descriptor)", ["beneath it, to \(path.access.word)"])
        }
        if paths.isEmpty { report.show("none", [""]) }
        report.begin("descriptors that stay open")
        let numbers = descriptors.map { Self.sorted([0, 1, 2] + $0) }
        report.add(
            "descriptors", numbers.map { .array($0.map { .number(UInt64(clamping: $0)) }) } ?? .null
        )
        let list = numbers?.map { String($0) }.joined(separator: " ")
        report.show(list ?? "all that this launch opened itself", [""])
        report.add("largestFile", largestFile.map { .number($0) } ?? .null)
        return report
    }

    /// Sorted, without duplicates: a descriptor may have several roles.
    private static func sorted(_ numbers: [Int32]) -> [Int32] {
        var result: [Int32] = []
        for number in numbers.sorted() where result.last != number { result.append(number) }
        return result
    }
}

extension Confinement.Path {
    fileprivate var json: JSON {
        .object([
            ("descriptor", .number(UInt64(clamping: descriptor))),
            ("access", .string(access.word)),
        ])
    }
}

extension Confinement.Path.Access {
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
    fileprivate var line: String {
        let conditions = arguments.map {
            "argument \($0.index) is \(hexadecimal($0.value)), \($0.meaning)"
                + ($0.mask == .max ? "" : " (mask \(hexadecimal($0.mask)))")
        }
        return (["for \(owner)"] + conditions).joined(separator: "; ")
    }

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
