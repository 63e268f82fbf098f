/// A text table: columns two spaces apart, one row per line.
///
/// - Parameter alignsRight: whether all columns but the first are numbers, aligned to the right.
public func textTable(
    _ rows: [[String]], indentation: Int = 0, alignsRight: Bool = true
) -> String {
    let widths = (rows.first ?? []).indices.map { column in
        rows.reduce(0) { max($0, $1[column].utf8.count) }
    }
    var text = ""
    for row in rows {
        // The spaces before the next non-empty cell.
        var gap = indentation
        for (column, cell) in row.enumerated() {
            let padding = widths[column] - cell.utf8.count
            let isRight = alignsRight && column > 0
            if isRight { gap += padding }
            if !cell.isEmpty {
                text += spaces(gap) + cell
                gap = 0
            }
            gap += isRight ? 2 : padding + 2
        }
        text += "\n"
    }
    return text
}

public func spaces(_ count: Int) -> String {
    String(repeating: " ", count: max(0, count))
}
