import Tender

/// Rows of two columns, the second one aligned.
package func columns(_ rows: [(String, String)]) -> String {
    textTable(rows.map { [$0.0, $0.1] }, indentation: 2, alignsRight: false)
}
