@testable import HVT
@testable import Tender

/// What a processor finds when it walks page tables (Intel SDM volume 3, 4.5).
struct PageWalk {
    /// Where an address leads, and what may be done there in ring 0 with CR0.WP and EFER.NXE.
    struct Page: Equatable {
        var physical: UInt64
        var isWritable: Bool
        var isExecutable: Bool
        var isLarge: Bool
    }

    let memory: GuestMemory
    var root: UInt64 = 0x2000

    func entry(_ table: UInt64, _ index: UInt64) throws -> UInt64 {
        let range = try memory.tenderRange(at: table + index * 8, count: 8)
        return memory.bytes(in: range).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// - Returns: nil if the page is not present.
    func page(at address: UInt64) throws -> Page? {
        var table = root
        var isWritable = true
        var isExecutable = true
        for shift: UInt64 in [39, 30, 21, 12] {
            let entry = try entry(table, address >> shift & 511)
            guard entry & 1 != 0 else { return nil }
            isWritable = isWritable && entry & 2 != 0
            isExecutable = isExecutable && entry >> 63 == 0
            let isLarge = shift == 21 && entry & 0x80 != 0
            let next = entry & 0x000F_FFFF_FFFF_F000
            if shift == 12 || isLarge {
                return Page(
                    physical: next + (address & ((1 << shift) - 1)), isWritable: isWritable,
                    isExecutable: isExecutable, isLarge: isLarge)
            }
            table = next
        }
        return nil
    }

    /// The pages that hold the tables.
    func tables() throws -> Set<UInt64> {
        var found: Set<UInt64> = []
        func visit(_ table: UInt64, level: Int) throws {
            found.insert(table)
            guard level > 1 else { return }
            for index: UInt64 in 0..<512 {
                let entry = try entry(table, index)
                if entry & 1 == 0 || (level == 2 && entry & 0x80 != 0) { continue }
                try visit(entry & 0x000F_FFFF_FFFF_F000, level: level - 1)
            }
        }
        try visit(root, level: 4)
        return found
    }
}
