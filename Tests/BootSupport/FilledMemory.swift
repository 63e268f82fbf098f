import Testing

/// What guest `fill` says that it has stored: in two ranges, at each address a word made from it.
struct FilledMemory {
    private let ranges: [Range<Int>]
    private let size: Int

    /// - Parameters:
    ///   - output: the guest's.
    ///   - size: of its memory.
    init(told output: String, size: Int) throws {
        let told = try #require(
            output.firstMatch(of: /filled 0x([0-9a-f]+) 0x([0-9a-f]+) 0x([0-9a-f]+)/))
        let ends = [told.1, told.2, told.3].compactMap { Int($0, radix: 16) }
        try #require(ends.count == 3 && ends[2] == size && ends[0] < ends[1])
        ranges = [ends[0]..<ends[1], size - 8..<size]
        self.size = size
    }

    /// Expects all of it in a core file, which ends with the guest's memory.
    func expect(in core: [UInt8]) throws {
        try #require(core.count > size)
        let memory = Array(core.suffix(size))
        func word(_ address: Int) -> UInt64 {
            memory[address..<address + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        for range in ranges {
            let wrong = stride(from: range.lowerBound, to: range.upperBound, by: 8).first {
                word($0) != UInt64($0) &* 0x9E37_79B9_7F4A_7C15
            }
            #expect(wrong == nil, "at \(String(wrong ?? 0, radix: 16))")
        }
    }
}
