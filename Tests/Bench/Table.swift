import Foundation

/// Lines of text in columns: words are aligned to the left, numbers to the right.
struct Table {
    private var rows: [[String]]
    private let wordColumns: Set<Int>

    /// - Parameter wordColumns: which columns hold words.
    init(_ header: [String], wordColumns: Set<Int> = [0]) {
        rows = [header]
        self.wordColumns = wordColumns
    }

    mutating func add(_ label: String, _ cells: [String]) {
        rows.append([label] + cells)
    }

    func show() {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        for row in rows {
            let cells = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return wordColumns.contains(column) ? cell + padding : padding + cell
            }
            print("  " + cells.joined(separator: "   "))
        }
    }
}

/// A number with as many digits after the point as it takes to see differences.
func figure(_ value: Double, digits: Int = 0) -> String {
    guard value.isFinite else { return "-" }
    return String(format: "%.\(digits)f", value)
}
