import TestSupport

/// Makes inputs of others, by a few changes each.
struct Mutator {
    private var random: SeededGenerator
    private let inputs: [[UInt8]]
    private let words: [[UInt8]]

    /// - Parameters:
    ///   - inputs: to start from; at least one.
    ///   - words: to insert.
    init(seed: UInt64, inputs: [[UInt8]], words: [[UInt8]] = []) {
        random = SeededGenerator(state: seed)
        self.inputs = inputs
        self.words = words
    }

    private static let mostChanges = 6

    mutating func next() -> [UInt8] {
        var input = inputs[below(inputs.count)]
        for _ in 0..<below(Self.mostChanges) { change(&input) }
        return input
    }

    private mutating func change(_ input: inout [UInt8]) {
        switch below(10) {
        case 0, 1: overwrite(&input, [UInt8(truncatingIfNeeded: random.next())])
        case 2: flip(&input)
        case 3, 4, 5: overwrite(&input, number())
        case 6: insert(number(), &input)
        case 7: cut(&input)
        case 8: splice(&input)
        default: insert(words.isEmpty ? [0] : words[below(words.count)], &input)
        }
    }

    // MARK: Changes

    private mutating func flip(_ input: inout [UInt8]) {
        guard !input.isEmpty else { return }
        input[place(in: input)] ^= 1 << UInt8(below(8))
    }

    private mutating func overwrite(_ input: inout [UInt8], _ bytes: [UInt8]) {
        guard !input.isEmpty else { return }
        var start = place(in: input)
        // Fields are aligned more often than not.
        if below(4) > 0 { start -= start % bytes.count }
        for (index, byte) in zip(start..<input.count, bytes) { input[index] = byte }
    }

    private mutating func insert(_ bytes: [UInt8], _ input: inout [UInt8]) {
        input.insert(contentsOf: bytes, at: input.isEmpty ? 0 : place(in: input))
    }

    /// Takes a part out, or all that follows a place.
    private mutating func cut(_ input: inout [UInt8]) {
        guard !input.isEmpty else { return }
        let start = place(in: input)
        let rest = input.count - start
        input.removeSubrange(start..<start + (below(2) == 0 ? rest : 1 + below(min(rest, 64))))
    }

    /// Copies part of some input over, or into, this one.
    private mutating func splice(_ input: inout [UInt8]) {
        let other = inputs[below(inputs.count)]
        guard !input.isEmpty, !other.isEmpty else { return }
        let start = place(in: other)
        let part = Array(other[start..<min(other.count, start + 1 + below(128))])
        if below(2) == 0 { overwrite(&input, part) } else { insert(part, &input) }
    }

    // MARK: Chance

    private mutating func below(_ limit: Int) -> Int {
        Int(random.next(upperBound: UInt(limit)))
    }

    /// Where to change something: headers come first, and zeros are mostly padding.
    private mutating func place(in input: [UInt8]) -> Int {
        guard below(2) == 0 else {
            return below(
                max(1, input.count >> below(Int.bitWidth - input.count.leadingZeroBitCount)))
        }
        let start = below(input.count)
        return input[start...].firstIndex { $0 != 0 } ?? start
    }

    /// A number that something may hinge on, in 2, 4 or 8 bytes.
    private mutating func number() -> [UInt8] {
        let edges: [UInt64] = [0, 1 << 63, 1 << 32, 1 << 31, 1 << 24, 1 << 20, 4096, 512, 64, 8]
        let near = edges[below(edges.count)] &+ UInt64(below(5)) &- 2
        let number = below(3) == 0 ? random.next() >> UInt64(below(64)) : near
        switch below(3) {
        case 0: return littleEndian(UInt16(truncatingIfNeeded: number))
        case 1: return littleEndian(UInt32(truncatingIfNeeded: number))
        default: return littleEndian(number)
        }
    }
}
