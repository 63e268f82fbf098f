/// The candidate that `text` most likely misspells; nil if none is close.
package func nearMiss(_ text: String, among candidates: [String]) -> String? {
    var best: (name: String, distance: Int)?
    for candidate in candidates {
        // In three letters, two errors leave no similarity.
        let most = candidate.utf8.count <= 3 ? 1 : 2
        guard let distance = editDistance(Array(text.utf8), Array(candidate.utf8), atMost: most)
        else { continue }
        if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
    }
    return best?.name
}

/// The edit distance of two texts in bytes (optimal string alignment: insert, delete, substitute,
/// swap neighbours); nil if more than `most`.
package func editDistance(_ left: [UInt8], _ right: [UInt8], atMost most: Int) -> Int? {
    guard abs(left.count - right.count) <= most else { return nil }
    var beforePrevious: [Int] = []
    var previous = Array(0...right.count)
    for row in left.indices {
        var current = [row + 1]
        for column in right.indices {
            let change = previous[column] + (left[row] == right[column] ? 0 : 1)
            var distance = min(change, previous[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                distance = min(distance, beforePrevious[column - 1] + 1)
            }
            current.append(distance)
        }
        (beforePrevious, previous) = (previous, current)
    }
    return previous[right.count] <= most ? previous[right.count] : nil
}
