import Testing

@testable import Tender

/// Restrictions against the plain rule that they stand for: what any of them forbids is forbidden.
@Suite struct RestrictionsTests {
    private func part(
        _ start: UInt64, _ end: UInt64, readable: Bool = false, writable: Bool = false
    ) -> Restrictions.Part {
        Restrictions.Part(
            start: start, end: end, isReadable: readable, isWritable: writable,
            isUnreadableToTender: !readable && !writable)
    }

    @Test(
        "Any parts, in any order, add up as a list of them would",
        arguments: 0..<200 as Range<UInt64>)
    func addUp(seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func random(below limit: UInt64) -> UInt64 {
            // xorshift64: the same numbers at every run.
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state % limit
        }
        let size: UInt64 = 48
        var restrictions = Restrictions()
        var all: [Restrictions.Part] = []
        for _ in 0..<random(below: 12) {
            let (one, two) = (random(below: size), random(below: size))
            let added = part(
                one, two, readable: random(below: 2) == 0, writable: random(below: 2) == 0)
            restrictions.add(added)
            if one < two { all.append(added) }
        }
        for start in 0..<size {
            for end in start + 1...size {
                let met = all.filter { $0.start < end && start < $0.end }
                #expect(
                    restrictions.allSatisfy(from: start, to: end) { $0.isReadable }
                        == met.allSatisfy { $0.isReadable })
                #expect(
                    restrictions.allSatisfy(from: start, to: end) { $0.isWritable }
                        == met.allSatisfy { $0.isWritable })
                #expect(
                    restrictions.allSatisfy(from: start, to: end) { !$0.isUnreadableToTender }
                        == met.allSatisfy { !$0.isUnreadableToTender })
            }
        }
        let parts = restrictions.parts
        #expect(parts.allSatisfy { $0.start < $0.end })
        #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.end <= $1.start })
    }

    @Test func `a search looks at few of many parts`() {
        var restrictions = Restrictions()
        for index: UInt64 in 0..<4096 {
            restrictions.add(part(index * 2, index * 2 + 1, readable: true))
        }
        #expect(restrictions.parts.count == 4096)
        var seen = 0
        let isAllowed = restrictions.allSatisfy(from: 5001, to: 5004) { part in
            seen += 1
            return part.isReadable
        }
        #expect(isAllowed && seen == 1)
    }
}
