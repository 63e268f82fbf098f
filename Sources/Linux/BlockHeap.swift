/// Memory for objects of all sizes, in one range of addresses of which more and more is used.
///
/// It is divided into blocks of some sizes, each with a word before it. A block that is released waits
/// for the next object of its size, unless it is the last one: then it is as if it had never been. So
/// never more is in use than the objects of each size needed at one time, and nothing is searched for.
///
/// Not for several threads at once.
struct BlockHeap {
    /// The first address of all, where the first free block of each size is noted, or 0.
    private let start: UInt
    /// Where the next block begins, with its word.
    private(set) var top: UInt
    /// The first address that is not there. It may only grow.
    var end: UInt

    /// How much the range must have at least, in bytes.
    static let leastCount = UInt(sizeCount * 8 + 8)

    /// - Parameters:
    ///   - start: a multiple of 16. From there on is memory that holds zeros, and nothing else uses it.
    ///   - end: at least `leastCount` bytes later.
    init(start: UInt, end: UInt) {
        self.start = start
        self.end = end
        // So that what follows a block's word is at a multiple of 16.
        top = start + Self.leastCount
    }

    // MARK: Sizes

    // With their words, blocks have multiples of 16 bytes up to 1024, then four sizes for each time that
    // the size doubles.
    private static let smallCount = 64
    private static let sizeCount = smallCount + 4 * 30
    private static let mostCount: UInt = 1 << 39

    /// In bytes, of a block with its word.
    private static func count(ofSize size: Int) -> UInt {
        size < smallCount
            ? UInt(size + 1) << 4
            : UInt((size - smallCount) & 3 + 5) << UInt((size - smallCount) >> 2 + 8)
    }

    /// The smallest size for an object of so many bytes; nil for none.
    private static func size(for count: UInt) -> Int? {
        count <= mostCount ? size(ofAtLeast: max(count, 8) + 8) : nil
    }

    /// - Parameter total: with the word.
    private static func size(ofAtLeast total: UInt) -> Int {
        if total <= 1024 { return Int(total + 15) >> 4 - 1 }
        let shift = UInt.bitWidth - (total - 1).leadingZeroBitCount - 3
        return smallCount + (shift - 8) << 2 + Int((total - 1) >> UInt(shift)) - 4
    }

    // MARK: Words

    // The upper half of a block's word tells whether an object is in it, the lower half its size. The word
    // before an object that begins later in its block tells how many bytes later.
    private static let used: UInt = 0xB10C_0001 << 32
    private static let free: UInt = 0xB10C_0002 << 32
    private static let later: UInt = 0xB10C_0003 << 32
    private static let kind: UInt = 0xFFFF_FFFF << 32

    private subscript(_ address: UInt) -> UInt {
        // Only words of this type's own are asked for, which are inside of the range.
        get { unsafe UnsafePointer<UInt>(bitPattern: address).unsafelyUnwrapped.pointee }
        nonmutating set {
            unsafe UnsafeMutablePointer<UInt>(bitPattern: address).unsafelyUnwrapped.pointee =
                newValue
        }
    }

    /// The block that an object is in, and its size. If there is none, since it was released before or
    /// the word was written over, the process ends.
    private func place(of object: UInt) -> (block: UInt, size: Int) {
        precondition(object & 15 == 0 && object > start + Self.leastCount && object < top)
        var block = object
        if self[object - 8] & Self.kind == Self.later { block -= self[object - 8] & ~Self.kind }
        precondition(block > start + Self.leastCount)
        let size = self[block - 8] & ~Self.kind
        precondition(self[block - 8] == Self.used | size && size < Self.sizeCount)
        return (block, Int(size))
    }

    // MARK: Objects

    private mutating func allocate(_ count: UInt) -> UInt? {
        guard let size = Self.size(for: count) else { return nil }
        let list = start + UInt(size) * 8
        var block = self[list]
        if block != 0 {
            precondition(self[block - 8] == Self.free | UInt(size))
            self[list] = self[block]
        } else {
            guard Self.count(ofSize: size) <= end - top else { return nil }
            block = top + 8
            top += Self.count(ofSize: size)
        }
        self[block - 8] = Self.used | UInt(size)
        return block
    }

    /// - Parameter alignment: a power of two; it is at least 16.
    /// - Returns: the address of room for an object; nil if no block of its size is free and the range
    ///   ends too early, or if no block is ever that large.
    mutating func allocate(_ count: UInt, alignment: UInt) -> UInt? {
        guard alignment > 16 else { return allocate(count) }
        guard alignment <= 1 << 31, count <= Self.mostCount else { return nil }
        guard let block = allocate(count + alignment) else { return nil }
        let object = (block + alignment - 1) & ~(alignment - 1)
        if object != block { self[object - 8] = Self.later | (object - block) }
        return object
    }

    /// Where the range must end for that, should no block be free.
    func end(for count: UInt, alignment: UInt) -> UInt? {
        let (sum, overflow) = count.addingReportingOverflow(alignment)
        guard !overflow, let size = Self.size(for: sum) else { return nil }
        return top + Self.count(ofSize: size)
    }

    mutating func release(_ object: UInt) {
        let (block, size) = place(of: object)
        if block - 8 + Self.count(ofSize: size) == top {
            self[block - 8] = 0
            top = block - 8
            return
        }
        let list = start + UInt(size) * 8
        self[block - 8] = Self.free | UInt(size)
        self[block] = self[list]
        self[list] = block
    }

    /// Makes few large blocks of free ones that are next to each other.
    ///
    /// - Parameter drop: is told which addresses hold nothing that will ever be read.
    mutating func tidy(drop: (Range<UInt>) -> Void) {
        for size in 0..<Self.sizeCount { self[start + UInt(size) * 8] = 0 }
        var next = start + Self.leastCount
        while next < top {
            let first = next
            while next < top, self[next] & Self.kind == Self.free { next += count(at: next) }
            if next == top {
                top = first
            } else {
                divide(first..<next, drop)
                next += count(at: next)
            }
        }
        drop(top..<end)
    }

    /// Of the block whose word is at an address.
    private func count(at word: UInt) -> UInt {
        let size = self[word] & ~Self.kind
        precondition(self[word] & Self.kind != Self.later && size < Self.sizeCount)
        return Self.count(ofSize: Int(size))
    }

    private func divide(_ range: Range<UInt>, _ drop: (Range<UInt>) -> Void) {
        var word = range.lowerBound
        while word < range.upperBound {
            let rest = range.upperBound - word
            var size = min(Self.size(ofAtLeast: rest), Self.sizeCount - 1)
            if Self.count(ofSize: size) > rest { size -= 1 }
            let list = start + UInt(size) * 8
            self[word] = Self.free | UInt(size)
            self[word + 8] = self[list]
            self[list] = word + 8
            let end = word + Self.count(ofSize: size)
            drop(word + 16..<end)
            word = end
        }
    }

    /// How many bytes an object may have where it is.
    func room(at object: UInt) -> UInt {
        let (block, size) = place(of: object)
        return block - 8 + Self.count(ofSize: size) - object
    }

    /// Makes that more without moving the object, if it is the last one and the range has room.
    ///
    /// - Returns: whether there is room for so many bytes now.
    mutating func extend(_ object: UInt, to count: UInt) -> Bool {
        let (block, size) = place(of: object)
        guard object == block, block - 8 + Self.count(ofSize: size) == top else { return false }
        guard let larger = Self.size(for: count), larger > size,
            Self.count(ofSize: larger) <= end - (block - 8)
        else { return false }
        self[block - 8] = Self.used | UInt(larger)
        top = block - 8 + Self.count(ofSize: larger)
        return true
    }
}
