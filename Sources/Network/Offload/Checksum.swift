/// The Internet checksum (RFC 1071): a sum of 16-bit words in ones' complement.
///
/// Its order of bytes is the processor's, as the words are loaded; what is stored is the same for all
/// (RFC 1071, 2 (B)).
struct Checksum {
    private var sum: UInt64

    /// - Parameter word: the first summand, in network byte order.
    init(_ word: UInt32 = 0) {
        sum = UInt64(UInt16(truncatingIfNeeded: word >> 16).bigEndian)
        sum &+= UInt64(UInt16(truncatingIfNeeded: word).bigEndian)
    }

    /// Adds words, the last of which may lack its second byte.
    ///
    /// - Parameter range: inside `bytes`, at most 64 MiB.
    mutating func add(_ bytes: [UInt8], _ range: Range<Int>) {
        // Of 64 bits; what overflows is added again.
        var total: UInt64 = 0
        func add(_ word: UInt64) {
            let (sum, overflow) = total.addingReportingOverflow(word)
            total = sum &+ (overflow ? 1 : 0)
        }
        var rest: UInt64 = 0
        unsafe bytes.withUnsafeBytes { all in
            // Every load is within the part, which is checked to be within the array.
            let part = unsafe UnsafeRawBufferPointer(rebasing: all[range])
            var index = 0
            // Four words at a time take half of the time of one by one, if there are many. Sums of their
            // halves don't overflow: there are fewer than 2^32 of them.
            if part.count >= 128 {
                var lows = SIMD4<UInt64>.zero
                var highs = SIMD4<UInt64>.zero
                while index &+ 32 <= part.count {
                    let block = unsafe part.loadUnaligned(
                        fromByteOffset: index, as: SIMD4<UInt64>.self)
                    lows &+= block & 0xFFFF_FFFF
                    highs &+= block &>> 32
                    index &+= 32
                }
                add(lows.wrappedSum() &+ highs.wrappedSum())
            }
            while index &+ 8 <= part.count {
                add(unsafe part.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                index &+= 8
            }
            // What is left, in memory order as in one more word, with zeros after it.
            let count = part.count & 7
            if count > 0, index > 0 {
                let last = unsafe part.loadUnaligned(
                    fromByteOffset: part.count &- 8, as: UInt64.self)
                rest = UInt64(littleEndian: last) &>> UInt64(64 &- count &* 8)
            } else {
                while index < part.count {
                    rest |= UInt64(unsafe part[index]) &<< UInt64(index &* 8)
                    index &+= 1
                }
            }
        }
        // Put together as on a little-endian processor.
        add(UInt64(littleEndian: rest))
        sum &+= (total & 0xFFFF_FFFF) &+ (total >> 32)
    }

    mutating func add(_ other: Checksum) {
        sum &+= other.sum
    }

    /// The sum, not inverted: what stands in a checksum field whose payload is not yet included.
    ///
    /// In network byte order.
    var folded: UInt16 { UInt16(bigEndian: UInt16(truncatingIfNeeded: Self.fold(sum))) }

    /// What belongs into the field, in network byte order.
    var value: UInt16 { ~folded }

    private static func fold(_ value: UInt64) -> UInt64 {
        var value = (value & 0xFFFF_FFFF) &+ (value >> 32)
        value = (value & 0xFFFF) &+ (value >> 16)
        value = (value & 0xFFFF) &+ (value >> 16)
        return (value & 0xFFFF) &+ (value >> 16)
    }
}

extension [UInt8] {
    /// A buffer in which nothing is read that was not stored before. Its pages take up no memory
    /// until then.
    static func untouched(count: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { _, initialized in
            // Any bytes are valid, and none is looked at.
            initialized = count
        }
    }
}

/// Integers in network byte order, at offsets that are known to be inside.
extension [UInt8] {
    @inline(__always)
    func network16(at offset: Int) -> UInt16 {
        UInt16(self[offset]) << 8 | UInt16(self[offset + 1])
    }

    @inline(__always)
    func network32(at offset: Int) -> UInt32 {
        UInt32(network16(at: offset)) << 16 | UInt32(network16(at: offset + 2))
    }

    @inline(__always)
    mutating func setNetwork16(_ value: UInt16, at offset: Int) {
        self[offset] = UInt8(truncatingIfNeeded: value >> 8)
        self[offset + 1] = UInt8(truncatingIfNeeded: value)
    }

    @inline(__always)
    mutating func setNetwork32(_ value: UInt32, at offset: Int) {
        setNetwork16(UInt16(truncatingIfNeeded: value >> 16), at: offset)
        setNetwork16(UInt16(truncatingIfNeeded: value), at: offset + 2)
    }
}
