import Tender
import TestSupport
import Testing

@testable import HVT

@Suite struct HypercallScanTests {
    @Test(
        arguments: [
            ([0xBA, 8, 5, 0, 0], [8]),
            ([0x66, 0xBA, 8, 5], [8]),
            ([0x90, 0xBA, 1, 5, 0, 0, 0xEF, 0x66, 0xBA, 3, 5, 0xEF], [1, 3]),
            // Not in EDX, not these ports, not constants of this size.
            ([0xB9, 8, 5, 0, 0], []), ([0xBA, 8, 6, 0, 0], []), ([0xBA, 9, 5, 0, 0], []),
            ([0xBA, 8, 5, 1, 0], []), ([0xBA, 8, 5, 0, 1], []), ([0xBA, 8, 5, 0], []),
            ([0xBA, 8, 5], []), ([0xBA, 8], []), ([0xBA], []), ([], []),
        ] as [([UInt8], [Int32])])
    func `loads of a port`(code: [UInt8], hypercalls: [Int32]) {
        let scan = HypercallScan(code: code)
        #expect((0..<10).filter { scan.finds($0) } == hypercalls)
        #expect(scan.isPlausible == hypercalls.contains(8))
    }

    @Test func `nothing is lost between two reads`() throws {
        for shift in -6...2 {
            let padding = [UInt8](repeating: 0x90, count: (1 << 16) + shift)
            let directory = try TemporaryDirectory()
            let guest = ELFBuilder([
                .segment(5, at: 0x10_0000, padding + [0x66, 0xBA, 2, 5, 0xBA, 8, 5, 0, 0]),
                .abiNote(), .manifestNote(),
            ])
            let image = try HVTImage(path: guest.write(to: directory))
            let scan = try HypercallScan(image, image.runnableSegments())
            #expect(scan.finds(2) && scan.finds(8), "\(shift)")
        }
    }
}
