import Testing

@testable import Programs

@Suite struct NearMissTests {
    @Test(arguments: [
        ("", "", 0), ("run", "run", 0), ("rnu", "run", 1), ("ru", "run", 1), ("runn", "run", 1),
        ("run", "ran", 1), ("inspcet", "inspect", 1), ("abcd", "badc", 2), ("ca", "abc", 3),
    ])
    func `the distance of two texts`(left: String, right: String, distance: Int) {
        #expect(editDistance(Array(left.utf8), Array(right.utf8), atMost: 3) == distance)
        #expect(editDistance(Array(right.utf8), Array(left.utf8), atMost: 3) == distance)
    }

    @Test func `no distance beyond the limit`() {
        #expect(editDistance(Array("abc".utf8), Array("xyz".utf8), atMost: 2) == nil)
        #expect(editDistance(Array("abc".utf8), Array("abcdef".utf8), atMost: 2) == nil)
    }

    @Test(arguments: [
        ("blok", "block"), ("blcok", "block"), ("bloc", "block"), ("block-r", "block-ro"),
        ("nte", "net"), ("net-max", "net-mac"), ("mme", "mem"), ("memm", "mem"),
    ])
    func `the likeliest candidate`(text: String, candidate: String) {
        let names = ["mem", "block", "block-ro", "net", "net-mac", "help"]
        #expect(nearMiss(text, among: names) == candidate)
    }

    @Test(arguments: ["", "m", "xyz", "frobnicate", "gdb", "dumpcore"])
    func `no candidate`(text: String) {
        #expect(nearMiss(text, among: ["mem", "block", "net"]) == nil)
    }

    @Test func `a long text costs little`() {
        #expect(nearMiss(String(repeating: "x", count: 1 << 20), among: ["mem"]) == nil)
    }
}
