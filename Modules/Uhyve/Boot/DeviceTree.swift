/// A builder for a flattened device tree, version 17 (Devicetree Specification 0.4, chapter 5).
struct DeviceTree {
    private var structure: [UInt8] = []
    private var strings: [UInt8] = []
    /// The memory reservation block: addresses and sizes that the guest must not use.
    private var reservations: [UInt8] = []

    private enum Token {
        static let beginNode: UInt32 = 1
        static let endNode: UInt32 = 2
        static let property: UInt32 = 3
        static let end: UInt32 = 9
    }

    private static let headerSize = 40
    /// The end of the memory reservation block.
    private static let reservationsEnd = [UInt8](repeating: 0, count: 16)

    /// Adds an entry to the memory reservation block.
    mutating func reserve(_ range: Range<UInt64>) {
        reservations += bigEndian(range.lowerBound)
        reservations += bigEndian(range.upperBound - range.lowerBound)
    }

    /// Adds a node with the properties and nodes that `body` adds.
    mutating func node(_ name: String, _ body: (inout DeviceTree) -> Void) {
        append(Token.beginNode)
        structure += name.utf8
        structure.append(0)
        pad()
        body(&self)
        append(Token.endNode)
    }

    mutating func property(_ name: String, _ value: [UInt8]) {
        append(Token.property)
        append(UInt32(clamping: value.count))
        append(UInt32(clamping: offset(of: name)))
        structure += value
        pad()
    }

    mutating func property(_ name: String, text: [UInt8]) {
        property(name, text + [0])
    }

    mutating func property(_ name: String, text: String) {
        property(name, text: Array(text.utf8))
    }

    mutating func property(_ name: String, number: UInt32) {
        property(name, bigEndian(number))
    }

    /// The encoded tree.
    var encoded: [UInt8] {
        let structure = structure + bigEndian(Token.end)
        let reservations = reservations + Self.reservationsEnd
        let structureStart = Self.headerSize + reservations.count
        let stringsStart = structureStart + structure.count
        let header: [UInt32] = [
            0xD00D_FEED,
            UInt32(clamping: stringsStart + strings.count),
            UInt32(clamping: structureStart),
            UInt32(clamping: stringsStart),
            UInt32(Self.headerSize),
            // version, last_comp_version, boot_cpuid_phys.
            17, 16, 0,
            UInt32(clamping: strings.count),
            UInt32(clamping: structure.count),
        ]
        return header.flatMap { bigEndian($0) } + reservations + structure + strings
    }

    /// The offset of a property's name in the strings block. A linear search: a tree has few.
    private mutating func offset(of name: String) -> Int {
        let name = Array<UInt8>(name.utf8) + [0]
        var start = 0
        while start < strings.count {
            let end = strings[start...].firstIndex(of: 0) ?? strings.count - 1
            if strings[start...end].elementsEqual(name) { return start }
            start = end + 1
        }
        strings += name
        return start
    }

    private mutating func append(_ word: UInt32) {
        structure += bigEndian(word)
    }

    private mutating func pad() {
        while structure.count % 4 != 0 { structure.append(0) }
    }
}

/// The bytes of `value`, most significant first.
func bigEndian<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) -> [UInt8] {
    stride(from: Value.bitWidth - 8, through: 0, by: -8).map {
        UInt8(truncatingIfNeeded: value >> Value($0))
    }
}
