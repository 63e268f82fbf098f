/// So many mutated inputs for a target; the same ones whenever the seed is the same.
public struct Campaign: Sendable {
    public let target: any InputTarget.Type
    public let count: Int
    public let seed: UInt64

    public init(_ target: any InputTarget.Type, count: Int, seed: UInt64) {
        self.target = target
        self.count = count
        self.seed = seed
    }

    public struct Tally: Equatable, Sendable {
        public var accepted = 0
        public var refused = 0
    }

    /// A promise that was broken, and how to see it again.
    public struct Failure: Error, CustomStringConvertible {
        public let breach: Breach
        public let input: [UInt8]
        public let description: String
    }

    public func run() throws -> Tally {
        let target = try target.init()
        var mutator = Mutator(seed: seed, inputs: self.target.seeds, words: self.target.words)
        var tally = Tally()
        for index in 0..<count {
            let input = mutator.next()
            do {
                switch try target.run(input) {
                case .accepted: tally.accepted += 1
                case .refused: tally.refused += 1
                }
            } catch let breach as Breach {
                throw Failure(
                    breach: breach, input: input,
                    description: "\(self.target.name), seed \(seed), input \(index): \(breach)")
            }
        }
        return tally
    }
}
