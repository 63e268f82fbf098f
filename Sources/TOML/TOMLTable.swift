import Bytes

/// A table of a TOML document. The document itself is one: `TOMLTable.parse` makes it.
public final class TOMLTable {
    public struct Entry {
        public let key: String
        public fileprivate(set) var value: TOMLValue
        /// Where the key is, counted from 1.
        public let line: Int
        /// Whether the value is an array that `[[key]]` made, which further ones add to.
        fileprivate var isArrayOfTables = false
    }

    /// The way in which a table was made, which decides what may still be added to it.
    enum Origin {
        /// `[a.b]` made `a`: `[a]` may follow, once.
        case path
        /// `[a]` or `[[a]]`, or the document itself.
        case header
        /// `a.b = 1` made `a`: other such keys may follow.
        case dottedKey
        /// `{ ... }`, which is complete.
        case inline
    }

    /// In the order in which they were written. No key is there twice.
    public private(set) var entries: [Entry] = []
    private(set) var origin: Origin
    /// How many tables and arrays this one is in.
    let depth: Int

    /// How deep tables and arrays can be in one another: what is deeper is not for people to read,
    /// and the parser calls itself for each level.
    static let deepest = 80
    /// How many keys a document can have, those in headers included: each is compared with the
    /// others of its table.
    static let mostKeys = 4096
    /// How many bytes a configuration may have for its reader to parse it.
    public static let largestText = 1 << 16

    init(_ origin: Origin, depth: Int) {
        self.origin = origin
        self.depth = depth
    }

    // MARK: Building

    /// Adds `key = value`, with a table for each name before the last.
    func add(_ key: [String], _ value: TOMLValue, line: Int) throws(TextError) {
        var table = self
        for name in key.dropLast() { table = try table.extended(by: name, line: line) }
        guard let name = key.last else { return }
        guard table.index(of: name) == nil else {
            throw TextError("\(name) is there twice", line: line)
        }
        table.entries.append(Entry(key: name, value: value, line: line))
    }

    /// The table that `[key]` opens; with `[[key]]`, a new element of an array.
    func open(_ key: [String], isElement: Bool, line: Int) throws(TextError) -> TOMLTable {
        var table = self
        for name in key.dropLast() { table = try table.passed(by: name, line: line) }
        let name = key.last ?? ""
        return isElement
            ? try table.element(of: name, line: line) : try table.opened(name, line: line)
    }

    /// Nothing can be added any more, to this table or to those that its dotted keys made.
    func close() {
        origin = .inline
        for entry in entries {
            if case .table(let table) = entry.value, table.origin != .inline { table.close() }
        }
    }

    /// Where a dotted key goes on.
    private func extended(by name: String, line: Int) throws(TextError) -> TOMLTable {
        guard let index = index(of: name) else { return try made(name, .dottedKey, line: line) }
        guard case .table(let table) = entries[index].value, table.origin == .dottedKey else {
            throw TextError("\(name) is there already, and can't be added to", line: line)
        }
        return table
    }

    /// Where a header goes on: of an array of tables, in the last one.
    private func passed(by name: String, line: Int) throws(TextError) -> TOMLTable {
        guard let index = index(of: name) else { return try made(name, .path, line: line) }
        switch entries[index].value {
        case .table(let table) where table.origin != .inline: return table
        case .array(let elements) where entries[index].isArrayOfTables:
            if case .table(let table)? = elements.last { return table }
        default: break
        }
        throw TextError("\(name) is there already, and can't be added to", line: line)
    }

    private func opened(_ name: String, line: Int) throws(TextError) -> TOMLTable {
        guard let index = index(of: name) else { return try made(name, .header, line: line) }
        guard case .table(let table) = entries[index].value, table.origin == .path else {
            throw TextError("table [\(name)] is there twice", line: line)
        }
        table.origin = .header
        return table
    }

    private func element(of name: String, line: Int) throws(TextError) -> TOMLTable {
        let element = try below(.header, line: line)
        guard let index = index(of: name) else {
            entries.append(
                Entry(
                    key: name, value: .array([.table(element)]), line: line, isArrayOfTables: true))
            return element
        }
        guard entries[index].isArrayOfTables, case .array(var elements) = entries[index].value
        else {
            throw TextError("\(name) is there already, and no array of tables", line: line)
        }
        // So that there is one array to add to, and no copy.
        entries[index].value = .boolean(false)
        elements.append(.table(element))
        entries[index].value = .array(elements)
        return element
    }

    private func made(
        _ name: String, _ origin: Origin, line: Int
    ) throws(TextError) -> TOMLTable {
        let table = try below(origin, line: line)
        entries.append(Entry(key: name, value: .table(table), line: line))
        return table
    }

    private func below(_ origin: Origin, line: Int) throws(TextError) -> TOMLTable {
        guard depth < Self.deepest else { throw Self.tooDeep(line: line) }
        return TOMLTable(origin, depth: depth + 1)
    }

    static func tooDeep(line: Int) -> TextError {
        TextError("more than \(deepest) tables and arrays in one another", line: line)
    }

    /// Keys are the same if all their bytes are, unlike Swift's strings.
    private func index(of key: String) -> Int? {
        let bytes = key.utf8
        return entries.firstIndex {
            $0.key.utf8.count == bytes.count && $0.key.utf8.elementsEqual(bytes)
        }
    }
}
