import Glibc
import Testing

@testable import Programs

@Suite struct ArgumentTests {
    @Test func `a path must be text, or another file would be opened`() {
        #expect(throws: CommandError.self) { try Argument(bytes: [0x61, 0xFF]).path }
        #expect(throws: Never.self) { try Argument("ä").path }
    }

    @Test(arguments: [
        ("solo5-hvt", "solo5-hvt"), ("./solo5-hvt", "solo5-hvt"), ("/a/b/c", "c"), ("", ""),
        ("a/", ""),
    ])
    func `the base name`(path: String, name: String) {
        #expect(Argument(path).baseName == name)
    }

    @Test func `arguments come from main's`() {
        var strings: [UnsafeMutablePointer<CChar>?] = [strdup("pinnace"), strdup("\u{e4}"), nil]
        defer { for string in strings { free(string) } }
        let arguments = strings.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { Argument.all(count: 2, $0) }
        }
        #expect(arguments == [Argument("pinnace"), Argument("\u{e4}")])
    }
}
