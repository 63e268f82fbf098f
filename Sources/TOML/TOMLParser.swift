import Bytes

extension TOMLTable {
    /// Reads a document as TOML 1.0 has it.
    public static func parse(_ text: [UInt8]) throws(TextError) -> TOMLTable {
        var parser = try TOMLParser(text)
        return try parser.document()
    }
}

/// Statements, and values that are made of others.
struct TOMLParser {
    var scanner: TOMLScanner
    private var keyCount = 0

    init(_ text: [UInt8]) throws(TextError) {
        scanner = try TOMLScanner(text)
    }

    mutating func document() throws(TextError) -> TOMLTable {
        let root = TOMLTable(.header, depth: 0)
        var table = root
        while try scanner.skipToStatement() {
            let line = scanner.line
            if scanner.skip(UInt8(ascii: "[")) {
                let isElement = scanner.skip(UInt8(ascii: "["))
                let key = try key()
                for _ in 0..<(isElement ? 2 : 1) { try scanner.expect("]") }
                table = try root.open(key, isElement: isElement, line: line)
            } else {
                try pair(in: table)
            }
            try scanner.endLine()
        }
        return root
    }

    /// `key = value`.
    private mutating func pair(in table: TOMLTable) throws(TextError) {
        let line = scanner.line
        let key = try key()
        try scanner.expect("=")
        scanner.skipBlanks()
        try table.add(key, value(depth: table.depth + key.count), line: line)
    }

    /// Names with dots between them. Blanks around it are skipped.
    private mutating func key() throws(TextError) -> [String] {
        var names: [String] = []
        repeat {
            scanner.skipBlanks()
            names.append(try scanner.name())
            scanner.skipBlanks()
            keyCount += 1
            guard keyCount <= TOMLTable.mostKeys else {
                throw scanner.failure("more than \(TOMLTable.mostKeys) keys")
            }
        } while scanner.skip(UInt8(ascii: "."))
        return names
    }

    /// - Parameter depth: in how many tables and arrays it is.
    private mutating func value(depth: Int) throws(TextError) -> TOMLValue {
        if let string = try scanner.string() { return .string(string) }
        let isArray = scanner.skip(UInt8(ascii: "["))
        guard isArray || scanner.skip(UInt8(ascii: "{")) else { return try scanner.scalar() }
        guard depth <= TOMLTable.deepest else { throw TOMLTable.tooDeep(line: scanner.line) }
        return isArray ? try array(depth: depth) : try inlineTable(depth: depth)
    }

    /// The header of a table, after its `[`.
    private mutating func array(depth: Int) throws(TextError) -> TOMLValue {
        var elements: [TOMLValue] = []
        while true {
            try scanner.skipLines()
            if scanner.skip(UInt8(ascii: "]")) { return .array(elements) }
            elements.append(try value(depth: depth + 1))
            try scanner.skipLines()
            if scanner.skip(UInt8(ascii: ",")) { continue }
            guard scanner.skip(UInt8(ascii: "]")) else {
                throw scanner.failure("expected ',' or ']'")
            }
            return .array(elements)
        }
    }

    /// An inline table, after its `{`: one line, but for lines in its values.
    private mutating func inlineTable(depth: Int) throws(TextError) -> TOMLValue {
        let table = TOMLTable(.header, depth: depth)
        scanner.skipBlanks()
        if !scanner.skip(UInt8(ascii: "}")) {
            repeat {
                try pair(in: table)
                scanner.skipBlanks()
            } while scanner.skip(UInt8(ascii: ","))
            guard scanner.skip(UInt8(ascii: "}")) else {
                throw scanner.failure("expected ',' or '}'")
            }
        }
        table.close()
        return .table(table)
    }
}
