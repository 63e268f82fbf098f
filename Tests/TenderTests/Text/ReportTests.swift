import JSON
import Testing

@testable import Tender

@Suite struct ReportTests {
    @Test func `text and JSON of the same report`() {
        var report = Report("a.type", heading: "a heading")
        report.add("size", .number(3), as: "size", ["3 bytes"])
        report.add("hidden", .boolean(true))
        report.add("lines", .array([]), as: "several", ["one", "two"])
        report.show("text only", ["here"])
        var part = Report()
        part.begin("a part")
        part.add("name", .string("p"), as: "name", ["p"])
        report.add("parts", [part])
        report.add("part", part)
        #expect(
            report.text == """
                a heading
                  size       3 bytes
                  several    one
                             two
                  text only  here

                a part
                  name  p

                a part
                  name  p

                """)
        #expect(
            report.json.line
                == #"{"type": "a.type", "version": 1, "size": 3, "hidden": true, "lines": [], "#
                + #""parts": [{"name": "p"}], "part": {"name": "p"}}"#)
    }

    @Test func `rows of a report without a heading continue those before`() {
        var inner = Report()
        inner.add("b", .null, as: "b", ["2"])
        var report = Report("t", heading: "h")
        report.show("long name", ["1"])
        report.add(inner)
        #expect(report.text == "h\n  long name  1\n  b          2\n")
        #expect(report.json.line == #"{"type": "t", "version": 1, "b": null}"#)
    }

    @Test func `control characters of an image reach no terminal`() {
        var report = Report("t", heading: "h\u{1B}")
        report.show("n\n", ["\u{1B}[0m"])
        #expect(report.text == "h\\x1b\n  n\\x0a  \\x1b[0m\n")
    }
}
