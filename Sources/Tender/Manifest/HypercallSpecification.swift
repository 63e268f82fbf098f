/// A hypercall that a module serves.
public struct HypercallSpecification: Sendable {
    /// The number, as the guest kind defines it (see `HypercallNumbering`).
    public let number: Int32
    /// The name in the defining header, without its prefix: "BLOCK_READ".
    public let name: String
    /// Size of the argument struct in bytes; 0 if there is none.
    public let argumentSize: Int
    /// The argument's fields, in the order in which traces show them.
    public let fields: [HypercallField]

    public init(number: Int32, name: String, argumentSize: Int, fields: [HypercallField] = []) {
        self.number = number
        self.name = name
        self.argumentSize = argumentSize
        self.fields = fields
    }
}

/// A field of a hypercall's argument, for manifests, documentation and traces.
public struct HypercallField: Equatable, Sendable {
    /// The writer of the field.
    public enum Direction: UInt8, Sendable {
        /// The guest.
        case input
        /// The tender.
        case output
        /// The guest, and then the tender.
        case both
    }

    /// The meaning of its bytes.
    public enum Meaning: Equatable, Sendable {
        case number
        /// A number that may be negative.
        case signed
        /// An address in guest memory.
        case address
        /// The address of a buffer that the call reads or fills; field `length` is its size.
        case buffer(length: String)
        /// The address of a NUL-terminated string.
        case string
        /// An array of 4-byte numbers.
        case array
        /// Nanoseconds.
        case duration
        /// Nanoseconds since the Unix epoch.
        case date
        /// A bit set of device handles.
        case handles
        /// An HVT_RESULT_* value: 2 and above are errors.
        case status
        /// Flags and mode of open(2).
        case openFlags, mode
        /// The number of bytes transferred.
        case count
        /// A result; an error if negative.
        case result
        /// The number of bytes transferred; an error if negative.
        case countOrError
        /// The call's outcome: `failure` means an error, whose number is at offset `code`.
        case outcome(failure: UInt32, code: Int)
    }

    /// The name in the struct.
    public let name: String
    /// The offset in bytes in the struct; nil if the argument is this value itself.
    public let offset: Int?
    /// In bytes.
    public let size: Int
    public let direction: Direction
    public let meaning: Meaning

    /// - Parameter offset: nil if the argument is this value itself.
    public init(
        _ name: String, at offset: Int?, size: Int, _ meaning: Meaning = .number,
        _ direction: Direction = .input
    ) {
        self.name = name
        self.offset = offset
        self.size = size
        self.meaning = meaning
        self.direction = direction
    }

    /// The name of the field with this buffer's length.
    public var length: String? { if case .buffer(let length) = meaning { length } else { nil } }
}

/// The mapping of a guest kind's hypercall numbers to I/O ports or addresses.
public enum HypercallNumbering: Equatable, Sendable {
    /// The I/O port is the number.
    case port
    /// Consecutive I/O ports or addresses, `stride` apart.
    case row(first: UInt64, stride: UInt64)

    /// The I/O port or the address of hypercall `number`.
    public func trigger(of number: Int32) -> UInt64 {
        switch self {
        case .port: UInt64(clamping: number)
        case .row(let first, let stride): first + UInt64(clamping: number) * stride
        }
    }
}
