import Testing

@testable import HVT

@Suite struct CommandLineTests {
    @Test(arguments: [
        ([], ""), ([""], ""), (["a"], "a"), (["a", "b", "c d", ""], "a b c d "),
        (["", "", "x"], "  x"), (["--solo5:quiet", "'q'"], "--solo5:quiet 'q'"),
    ])
    func `a guest's command line`(arguments: [String], line: String) {
        #expect(HVTPlan.commandLine(arguments.map { Array($0.utf8) }) == Array(line.utf8))
    }

    @Test func `guest arguments need not be text`() {
        #expect(HVTPlan.commandLine([[0xFF, 0xC0], [0x80]]) == [0xFF, 0xC0, 0x20, 0x80])
    }
}
