import Foundation
import Testing

@testable import BootSupport

/// The table of attacks in Security.md and the tests that hold them off: neither has what the other lacks.
@Suite("Attacks") struct AttackTests {
    /// The column of tests, by the attack's number.
    private let rows: [Int: String]
    private let sources: String

    init() throws {
        let package = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let readme = try String(
            contentsOf: package.appendingPathComponent("Sources/pinnace/pinnace.docc/Security.md"),
            encoding: .utf8)
        var rows: [Int: String] = [:]
        for line in readme.split(separator: "\n") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            if cells.count == 4, let number = Int(cells[0]) { rows[number] = cells[3] }
        }
        self.rows = rows
        let tests = package.appendingPathComponent("Tests")
        let paths = FileManager.default.enumerator(atPath: tests.path)?.compactMap { $0 as? String }
        sources = try (paths ?? []).filter {
            $0.hasSuffix("Tests.swift") || $0.hasSuffix("Cases.swift")
        }
        .map { try String(contentsOf: tests.appendingPathComponent($0), encoding: .utf8) }
        .joined()
    }

    @Test("The table has all 26") func complete() {
        #expect(rows.keys.sorted() == Array(1...26))
    }

    @Test("Each test of the table exists", arguments: 1...26)
    func listed(number: Int) throws {
        let row = try #require(rows[number])
        #expect(names(row).isEmpty == row.hasPrefix("none: "))
        for name in names(row) {
            let test = "\(prefix(number))\(name)"
            #expect(["\"", "`"].contains { sources.contains("\(test)\($0)") }, "\(test)")
        }
    }

    @Test("Each test that is named after an attack is in the table", arguments: 1...26)
    func unlisted(number: Int) throws {
        let row = names(try #require(rows[number]))
        for part in sources.components(separatedBy: prefix(number)).dropFirst() {
            let name = String(part.prefix { $0 != "\"" && $0 != "`" })
            #expect(row.contains(name), "\(prefix(number))\(name)")
        }
    }

    @Test("Each case that is listed as an attack exists", arguments: BootCase.attacks.map(\.name))
    func cases(attack: String) throws {
        let words = BootCase.all.flatMap { [$0.guest, $0.arguments.first].compactMap { $0 } }
        for name in try #require(BootCase.attacks.first { $0.name == attack }).cases {
            #expect(words.contains(name))
        }
        #expect(BootCase.all.contains { $0.attack == attack })
    }

    /// As names of tests begin; written so that it is none itself.
    private func prefix(_ number: Int) -> String {
        "attack \(number < 10 ? "0" : "")\(number): "
    }

    /// The names in a cell, each in backticks; none if it says why there are no tests.
    private func names(_ cell: String) -> [String] {
        cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }
}
