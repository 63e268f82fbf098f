/// Rows of two columns, the second one aligned.
package func columns(_ rows: [(String, String)], indentation: Int = 2) -> String {
    let width = rows.reduce(0) { max($0, $1.0.utf8.count) }
    var text = ""
    for (left, right) in rows {
        let padding = width - left.utf8.count + 2
        text += spaces(indentation) + left + spaces(right.isEmpty ? 0 : padding) + right + "\n"
    }
    return text
}

package func spaces(_ count: Int) -> String {
    String(repeating: " ", count: max(0, count))
}
