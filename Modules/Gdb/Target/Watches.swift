import Architecture
import Hypervisor

/// Hardware breakpoints and watchpoints (debug registers DR0 to DR3), the same on all vCPUs.
struct Watches {
    private struct Entry {
        let breakpoint: Request.Breakpoint
        /// One for each debug register that it takes: 1, 2, 4 or 8 bytes, naturally aligned.
        let pieces: [DebugStops.Watch]
    }

    private var entries: [Entry] = []

    /// All pieces in the order of the debug registers, by which a vCPU reports a hit.
    var pieces: [DebugStops.Watch] { entries.flatMap { $0.pieces } }

    /// - Returns: false if that takes more debug registers than there are.
    mutating func insert(_ breakpoint: Request.Breakpoint) -> Bool {
        guard !entries.contains(where: { $0.breakpoint == breakpoint }) else { return true }
        guard let pieces = Self.pieces(of: breakpoint),
            self.pieces.count + pieces.count <= Breakpoint.mostWatches
        else { return false }
        entries.append(Entry(breakpoint: breakpoint, pieces: pieces))
        return true
    }

    mutating func remove(_ breakpoint: Request.Breakpoint) {
        entries.removeAll { $0.breakpoint == breakpoint }
    }

    /// The breakpoint that the piece with this index belongs to.
    func breakpoint(ofPiece index: Int) -> Request.Breakpoint? {
        var end = 0
        for entry in entries {
            end += entry.pieces.count
            if index < end { return entry.breakpoint }
        }
        return nil
    }

    /// - Returns: nil if that takes more debug registers than there are.
    private static func pieces(of breakpoint: Request.Breakpoint) -> [DebugStops.Watch]? {
        guard breakpoint.kind != .hardware else {
            return [DebugStops.Watch(.execution, address: breakpoint.address, length: 1)]
        }
        // x86 can't watch reads alone, only reads and writes; a debugger compares the value.
        let kind: DebugStops.Watch.Kind = breakpoint.kind == .write ? .write : .access
        guard breakpoint.length > 0, breakpoint.length <= UInt64(8 * Breakpoint.mostWatches) else {
            return nil
        }
        var pieces: [DebugStops.Watch] = []
        var (address, rest) = (breakpoint.address, breakpoint.length)
        while rest > 0 {
            let sizes: [UInt64] = [8, 4, 2, 1]
            let length = sizes.first { $0 <= rest && address % $0 == 0 } ?? 1
            pieces.append(
                DebugStops.Watch(kind, address: address, length: UInt8(truncatingIfNeeded: length)))
            address &+= length
            rest -= length
        }
        return pieces.count <= Breakpoint.mostWatches ? pieces : nil
    }
}
