/// A struct as bytes, with fields of fixed width in the machine's order at given offsets.
///
/// Fields past the end read as zeros.
public struct Bytes: Equatable, Sendable {
    public var all: [UInt8]

    public init(count: Int) { all = [UInt8](repeating: 0, count: count) }
    public init(_ bytes: [UInt8]) { all = bytes }

    public var count: Int { all.count }

    public func get<Value: FixedWidthInteger>(_ offset: Int, as: Value.Type = Value.self) -> Value {
        guard offset >= 0, offset + MemoryLayout<Value>.size <= all.count else { return 0 }
        return all.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
    }

    public mutating func set<Value: FixedWidthInteger>(_ offset: Int, _ value: Value) {
        withUnsafeBytes(of: value) { set(offset, bytes: Array($0)) }
    }

    public mutating func set(_ offset: Int, bytes: [UInt8]) {
        precondition(offset >= 0 && offset + bytes.count <= all.count)
        all.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
    }

    /// A value of 16 bytes, such as a register's.
    mutating func set(_ offset: Int, _ value: some WideValue) {
        set(offset, value.wide.low)
        set(offset + 8, value.wide.high)
    }
}

/// What the hypervisor keeps in 16 bytes.
struct Wide: Equatable {
    var low: UInt64
    var high: UInt64 = 0
}

protocol WideValue {
    var wide: Wide { get }
}
