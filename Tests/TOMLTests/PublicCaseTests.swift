import Bytes
import Testing

@testable import TOML

/// TOML as the public test suite has it. Skipped, with the reason, where it can't be had.
@Suite(
    .enabled(
        if: PublicCases.obstacle == nil, Comment(rawValue: PublicCases.obstacle ?? "")))
struct PublicCaseTests {
    private let cases: PublicCases

    init() throws {
        cases = try PublicCases.shared.get()
    }

    @Test func valid() throws {
        let files = cases.files.filter { $0.hasPrefix("valid/") }
        #expect(files.count > 150)
        for file in files {
            do {
                let table = try TOMLTable.parse(try cases.bytes(file))
                let meaning = Tagged.text(json: try cases.meaning(file))
                #expect(Tagged.text(table) == meaning, "\(file)")
            } catch let error as TextError {
                Issue.record("\(file), line \(error.line): \(error.text)")
            }
        }
    }

    @Test func invalid() throws {
        let files = cases.files.filter { $0.hasPrefix("invalid/") }
        #expect(files.count > 400)
        for file in files {
            let text = try cases.bytes(file)
            #expect(throws: TextError.self, "\(file)") { try TOMLTable.parse(text) }
        }
    }
}
