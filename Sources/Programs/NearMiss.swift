/// The one of `candidates` that `text` is most likely a misspelling of, if it is close to any.
package func nearMiss(_ text: String, among candidates: [String]) -> String? {
    var best: (name: String, distance: Int)?
    for candidate in candidates {
        // Of three letters, two wrong ones leave no likeness.
        let most = candidate.utf8.count <= 3 ? 1 : 2
        guard let distance = editDistance(Array(text.utf8), Array(candidate.utf8), atMost: most)
        else { continue }
        if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
    }
    return best?.name
}

/// How many bytes must be added, removed, changed or swapped with the next one to turn one text
/// into the other (optimal string alignment); nil if more than `most`.
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
