/// The parts of guest memory with restricted access, found by binary search.
///
/// Parts are sorted by address and never overlap: where restrictions overlap, both apply. There are
/// few more than segments in the image (`SegmentLayout.mostSegments`).
struct Restrictions {
    /// An address range, the end not included, with the same rights throughout.
    struct Part: Equatable, Sendable {
        var start: UInt64
        var end: UInt64
        var isReadable: Bool
        var isWritable: Bool
        /// Whether the tender itself can't read it, since the mapping is protected (mprotect).
        var isUnreadableToTender: Bool
    }

    private(set) var parts: [Part] = []
    /// The end of the last part; most of a guest's memory, its heap and stack, is above it.
    private(set) var end: UInt64 = 0

    /// Removes rights between two addresses, the end not included; rights are never given back.
    mutating func add(_ part: Part) {
        guard part.start < part.end else { return }
        let first = firstIndex(endingAfter: part.start)
        var last = first
        var pieces: [Part] = []
        // The address up to which the new part has been merged.
        var done = part.start
        while last < parts.count, parts[last].start < part.end {
            let old = parts[last]
            if old.start < part.start { pieces.append(old.cut(old.start, part.start)) }
            if done < old.start { pieces.append(part.cut(done, old.start)) }
            let (start, end) = (max(old.start, part.start), min(old.end, part.end))
            pieces.append(old.cut(start, end).restricted(by: part))
            if part.end < old.end { pieces.append(old.cut(part.end, old.end)) }
            done = end
            last += 1
        }
        if done < part.end { pieces.append(part.cut(done, part.end)) }
        parts.replaceSubrange(first..<last, with: pieces)
        end = max(end, part.end)
    }

    /// Whether the guest may do `access` at all addresses from `start` up to, not including, `end`.
    @inline(never)
    func allow(_ access: GuestMemory.Access, from start: UInt64, to end: UInt64) -> Bool {
        allSatisfy(from: start, to: end) { access == .read ? $0.isReadable : $0.isWritable }
    }

    /// Whether each part that overlaps `start` up to, not including, `end` fulfils `condition`.
    @inline(__always)
    func allSatisfy(
        from start: UInt64, to end: UInt64, _ condition: (borrowing Part) -> Bool
    ) -> Bool {
        var index = firstIndex(endingAfter: start)
        while index < parts.count, parts[index].start < end {
            if !condition(parts[index]) { return false }
            index += 1
        }
        return true
    }

    /// The index of the first part with an end above `address`, or the number of parts.
    private func firstIndex(endingAfter address: UInt64) -> Int {
        var low = 0
        var high = parts.count
        while low < high {
            let middle = (low + high) >> 1
            if parts[middle].end > address { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension Restrictions.Part {
    fileprivate func cut(_ start: UInt64, _ end: UInt64) -> Self {
        var part = self
        (part.start, part.end) = (start, end)
        return part
    }

    fileprivate func restricted(by other: Self) -> Self {
        var part = self
        part.isReadable = isReadable && other.isReadable
        part.isWritable = isWritable && other.isWritable
        part.isUnreadableToTender = isUnreadableToTender || other.isUnreadableToTender
        return part
    }
}
