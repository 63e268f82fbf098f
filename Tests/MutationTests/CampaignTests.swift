import Foundation
import Testing

@testable import Mutation

/// Many inputs of any kind, for all that takes some from whoever may mean harm. One that makes us
/// trap ends the test process.
@Suite("Mutated inputs", .serialized) struct CampaignTests {
    /// Another seed makes other inputs: PINNACE_SEED=number.
    static let seed =
        ProcessInfo.processInfo.environment["PINNACE_SEED"].flatMap { UInt64($0) } ?? 20_261_121

    static var campaigns: [Campaign] {
        InputTargets.all.map { target in
            Campaign(target, count: counts[target.name] ?? 1000, seed: seed)
        }
    }

    /// How many inputs each gets, as far as it is not 1000: those that are tried quickly, more.
    private static let counts = [
        "manifest": 4000, "command-line": 3000, "hypercalls": 2000, "net-ring": 2000, "json": 4000,
        "net-offload": 4000,
    ]

    @Test("All are accepted or refused", arguments: campaigns)
    func campaign(_ campaign: Campaign) throws {
        let tally = try campaign.run()
        print(
            "\(campaign.target.name): seed \(campaign.seed), \(campaign.count) inputs, "
                + "\(tally.accepted) accepted, \(tally.refused) refused")
        #expect(tally.accepted + tally.refused == campaign.count)
        #expect(tally.accepted > 0 && tally.refused > 0)
    }

    @Test("Nothing is wrong with the inputs that others are made of", arguments: campaigns)
    func seeds(_ campaign: Campaign) throws {
        let target = try campaign.target.init()
        let verdicts = try campaign.target.seeds.map { try target.run($0) }
        #expect(verdicts.contains(.accepted))
    }

    // MARK: Campaigns themselves

    @Test("Same seed, same inputs")
    func repeats() {
        func inputs(_ seed: UInt64) -> [[UInt8]] {
            var mutator = Mutator(
                seed: seed, inputs: [[1, 2, 3], [UInt8](repeating: 7, count: 99)])
            return (0..<500).map { _ in mutator.next() }
        }
        #expect(inputs(1) == inputs(1))
        #expect(inputs(1) != inputs(2))
        #expect(Set(inputs(1)).count > 250)
    }

    @Test("A broken promise is told of, with its input")
    func breach() throws {
        let campaign = Campaign(LongInputs.self, count: 100_000, seed: 5)
        let failure = #expect(throws: Campaign.Failure.self) { try campaign.run() }
        #expect(failure?.breach == Breach("too long"))
        #expect((failure?.input.count ?? 0) > 100)
        #expect(failure?.description.hasPrefix("long-inputs, seed 5, input ") == true)
    }
}

/// Breaks a promise for some inputs.
private final class LongInputs: InputTarget {
    static let name = "long-inputs"
    static let seeds = [[UInt8](repeating: 1, count: 90)]

    func run(_ input: [UInt8]) throws -> Verdict {
        if input.count > 100 { throw Breach("too long") }
        return input.count % 2 == 0 ? .accepted : .refused
    }
}

extension Campaign: CustomTestStringConvertible {
    public var testDescription: String { target.name }
}
