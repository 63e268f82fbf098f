import Foundation
import TestSupport
import Testing

@testable import TOML

/// Documents made by chance mean what Python's tomllib says that they mean.
@Suite struct OracleTests {
    /// Reads documents, separated by 0 bytes, and writes a line for each: its meaning in JSON, or
    /// "error".
    private static let oracle = """
        import sys, json, tomllib, datetime
        def tag(v):
            if isinstance(v, dict): return {k: tag(x) for k, x in v.items()}
            if isinstance(v, list): return [tag(x) for x in v]
            if isinstance(v, bool): return {"type": "bool", "value": str(v).lower()}
            if isinstance(v, int): return {"type": "integer", "value": str(v)}
            if isinstance(v, float): return {"type": "float", "value": repr(v)}
            if isinstance(v, str): return {"type": "string", "value": v}
            if isinstance(v, datetime.datetime):
                return {"type": "datetime" if v.tzinfo else "datetime-local", "value": v.isoformat()}
            if isinstance(v, datetime.date): return {"type": "date-local", "value": v.isoformat()}
            return {"type": "time-local", "value": v.isoformat()}
        for text in sys.stdin.buffer.read().split(b"\\0"):
            try: print(json.dumps(tag(tomllib.loads(text.decode()))))
            except Exception: print("error")
        """

    private static let obstacle: String? = {
        let found = try? ChildProcess.run("/usr/bin/env", ["python3", "-c", "import tomllib"])
        return found?.status == 0 ? nil : "python3 with tomllib (3.11) is missing"
    }()

    @Test(.enabled(if: obstacle == nil, Comment(rawValue: obstacle ?? "")))
    func documentsByChance() throws {
        var maker = DocumentMaker(seed: 2026)
        let documents = (0..<4000).map { _ in maker.document() }
        let answer = try ChildProcess.run(
            "/usr/bin/env", ["python3", "-c", Self.oracle],
            input: documents.joined(separator: "\0"), timeout: 120)
        try #require(answer.status == 0, "\(answer.error)")
        let lines = answer.output.split(separator: "\n")
        try #require(lines.count == documents.count)
        var validCount = 0
        for (document, line) in zip(documents, lines) {
            let table = try? TOMLTable.parse(Array(document.utf8))
            if line == "error" {
                #expect(table == nil, "accepted: \(document.debugDescription)")
                continue
            }
            validCount += 1
            let json = try JSONSerialization.jsonObject(with: Data(line.utf8))
            #expect(
                table.map { Tagged.text($0) } == Tagged.text(json: json),
                "\(document.debugDescription)")
        }
        // Chance makes some of both kinds, or nothing was compared.
        #expect(validCount > 400 && validCount < 3600, "\(validCount)")
    }
}

/// Makes documents of what TOML is made of, most of them valid in part.
private struct DocumentMaker {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// xorshift64.
    private mutating func next(_ count: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(count))
    }

    private mutating func one(of texts: [String]) -> String { texts[next(texts.count)] }

    mutating func document() -> String {
        var text = next(20) == 0 ? "\u{FEFF}" : ""
        for _ in 0...next(6) {
            switch next(5) {
            case 0: text += "[\(key())]"
            case 1: text += "[[\(key())]]"
            default: text += "\(key()) = \(value(0))"
            }
            text += one(of: ["\n", "\n", "\n", "\r\n", " # comment\n", "\n\n\t\n", " "])
        }
        // tomllib keeps the mark at the start, which a document may have.
        if text.hasPrefix("\u{FEFF}") { text.unicodeScalars.removeFirst() }
        return text
    }

    private mutating func key() -> String {
        var key = one(of: [
            "a", "b", "c", "\"d e\"", "'f'", "-1_", "\"\\u0041\"", "\"\"", "a\u{E9}",
        ])
        if next(3) == 0 { key += one(of: [".", " . ", "\t."]) + self.key() }
        return key
    }

    private mutating func value(_ depth: Int) -> String {
        if depth < 4, next(4) == 0 {
            let values = (0..<next(4)).map { _ in value(depth + 1) }
            return "[" + values.joined(separator: one(of: [",", ", ", " ,\n", ",#x\n"]))
                + one(of: ["]", "]", " ]", ",]", "\n]", "#\n]"])
        }
        if depth < 4, next(6) == 0 {
            let pairs = (0..<next(4)).map { _ in "\(key()) = \(value(depth + 1))" }
            return "{" + pairs.joined(separator: one(of: [", ", ",", ", ", ",\n"]))
                + one(of: ["}", "}", "}", " }", ",}"])
        }
        return next(2) == 0 ? string() : scalar()
    }

    private mutating func string() -> String {
        let pieces = (0..<next(5)).map { _ in
            one(of: [
                "x", " ", "\t", "\\n", "\\\"", "\\\\", "\\u00e9", "\\U0001F600", "\\uD800", "é",
                "\"",
                "'", "\n", "\\\n  ", "\\ \t\n\n y", "\r\n", "\u{7F}", "\u{1}", "\\x41", "\\e", "\\",
                "\"\"", "''", "\u{85}", "\u{2028}",
            ])
        }
        let quote = one(of: ["\"", "'", "\"\"\"", "'''", "\"\"\"", "'''"])
        return quote + pieces.joined() + quote
    }

    private mutating func scalar() -> String {
        switch next(4) {
        case 0:
            return one(of: [
                "true", "false", "True", "inf", "-inf", "+nan", "nan", "0", "-0", "+99", "1_000",
                "01",
                "1__0", "_1", "1_", "0xDEAD_beef", "0o755", "0b1101", "0x", "+0x1", "0X1",
                "9223372036854775807", "-9223372036854775808", "", "x", "0o8", "0b2", "- 1",
            ])
        case 1:
            return one(of: ["", "+", "-"]) + one(of: ["0", "1", "12", "1_2", "00", ""])
                + one(of: ["", ".5", ".", ".0_1", "._1", ".1_"])
                + one(of: ["", "e1", "E-1_0", "e+05", "e", "e1.5"])
        default:
            let date = one(of: [
                "1979-05-27", "2000-02-29", "1900-02-29", "2023-13-01", "1979-5-27", "2024-04-31",
                "",
            ])
            let time = one(of: [
                "07:32:00", "23:59:59", "24:00:00", "07:32:00.5", "00:60:00", "07:32", "07:32:00.",
                "7:32:00", "",
            ])
            return date + one(of: ["T", "t", " ", "  ", ""]) + time
                + one(of: ["", "", "Z", "z", "+01:30", "-07:00", "+24:00", "+1:00", "+0130"])
        }
    }
}
