/// A hypercall that a module serves.
public struct HypercallSpecification: Sendable {
    /// As the kind of guests counts them (see `HypercallNumbering`).
    public let number: Int32
    /// As in the header that defines it, without its prefix: "BLOCK_READ".
    public let name: String
    /// Size of the argument struct in bytes; 0 if there is none.
    public let argumentSize: Int
    /// What the argument consists of, in the order in which traces show it.
    public let fields: [HypercallField]

    public init(number: Int32, name: String, argumentSize: Int, fields: [HypercallField] = []) {
        self.number = number
        self.name = name
        self.argumentSize = argumentSize
        self.fields = fields
    }
}

/// A part of a hypercall's argument. Manifests, documentation and traces have it from here.
public struct HypercallField: Equatable, Sendable {
    /// Who writes it.
    public enum Direction: UInt8, Sendable {
        /// The guest.
        case input
        /// The tender.
        case output
        /// The guest, and then the tender.
        case both
    }

    /// What its bytes mean.
    public enum Meaning: Equatable, Sendable {
        case number
        /// A number that may be negative.
        case signed
        /// An address in guest memory.
        case address
        /// The address of bytes that the call moves, or of room for them; the field named `length`
        /// says how many.
        case buffer(length: String)
        /// The address of a text that ends at a NUL.
        case string
        /// Numbers of 4 bytes.
        case array
        /// Nanoseconds.
        case duration
        /// Nanoseconds since the Unix epoch.
        case date
        /// Bits of handles.
        case handles
        /// HVT_RESULT_*: from 2 on an error.
        case status
        /// As in open(2).
        case openFlags, mode
        /// How many bytes were moved.
        case count
        /// A result; if negative, an error.
        case result
        /// How many bytes were moved; if negative, an error.
        case countOrError
        /// What became of the call: `failure` stands for an error, whose number is at offset `code`.
        case outcome(failure: UInt32, code: Int)
    }

    /// As in the struct.
    public let name: String
    /// In bytes from the start of the struct; nil if the argument is no struct, but this value.
    public let offset: Int?
    /// In bytes.
    public let size: Int
    public let direction: Direction
    public let meaning: Meaning

    /// - Parameter offset: nil if the argument is no struct, but this value.
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

    /// The name of the field that says how long this one's buffer is.
    public var length: String? { if case .buffer(let length) = meaning { length } else { nil } }
}

/// How a kind of guests makes hypercalls.
public enum HypercallNumbering: Equatable, Sendable {
    /// By the I/O port whose number is the hypercall's.
    case port
    /// By one of a row of I/O ports, or of addresses.
    case row(first: UInt64, stride: UInt64)

    /// The I/O port, or the address, that makes hypercall `number`.
    public func trigger(of number: Int32) -> UInt64 {
        switch self {
        case .port: UInt64(clamping: number)
        case .row(let first, let stride): first + UInt64(clamping: number) * stride
        }
    }
}
