import CLinux
import Linux

/// A guest's memory, and the only type that turns guest addresses into pointers.
///
/// The rules that this file enforces:
/// 1. A guest address is used only in a `GuestRange`, and only `range` makes one from an address
///    that the guest supplied: no wrap-around, nothing outside guest memory, nothing that the guest
///    itself may not touch.
/// 2. Guest data is fetched once, as a copy that the compiler can't repeat (no double fetch);
///    callers get no pointer or reference.
/// 3. Results are stored field by field; the guest's bytes between them stay.
///
/// The guest runs while a module reads its memory only if it has several vCPUs or shares a ring;
/// rules 2 and 3 are for that case.
@safe public final class GuestMemory: @unchecked Sendable {
    /// An access to memory on the guest's behalf.
    public enum Access: Sendable {
        case read, write
    }

    private let mapping: MemoryMapping
    /// The address of the first byte.
    public let start: GuestAddress
    /// In bytes. Memory past it, though mapped, is not the guest's.
    public let count: UInt64
    private var restrictions = Restrictions()

    /// Zeroed anonymous memory, allocated as it is touched.
    public init(start: GuestAddress = GuestAddress(0), count: UInt64) throws(Errno) {
        mapping = try MemoryMapping.anonymous(Int(clamping: count))
        self.start = start
        self.count = count
    }

    /// Lends the whole mapping, for the hypervisor.
    package func withMapping<Failure: Error>(
        _ body: (borrowing MemoryMapping) throws(Failure) -> Void
    ) throws(Failure) {
        try body(mapping)
    }

    // MARK: Ranges

    /// Checks that these bytes are guest memory and that the guest may do `access` with them.
    ///
    /// An empty range is valid anywhere in memory, since nothing is touched.
    @inline(__always)
    public func range(
        at address: GuestAddress, count: UInt64, for access: Access
    ) throws(GuestFault) -> GuestRange {
        let (offset, below) = address.value.subtractingReportingOverflow(start.value)
        guard !below, offset < self.count, count <= self.count - offset else {
            throw .access(address: address, count: count)
        }
        if count > 0, address.value < restrictions.end {
            // No overflow: checked to be within memory.
            let isAllowed = restrictions.allow(
                access, from: address.value, to: address.value &+ count)
            guard isAllowed else { throw .access(address: address, count: count) }
        }
        return GuestRange(start: address, count: Int(count))
    }

    /// Limits what `range` allows between the two addresses.
    package func restrict(
        _ start: UInt64, _ end: UInt64, isReadable: Bool, isWritable: Bool,
        isEnforced: Bool = false
    ) {
        restrictions.add(
            Restrictions.Part(
                start: start, end: end, isReadable: isReadable, isWritable: isWritable,
                isUnreadableToTender: isEnforced && !isReadable))
    }

    /// Restricts, and has the kernel enforce the same for the guest's own accesses (mprotect).
    ///
    /// Both addresses are page-aligned and in guest memory.
    package func protect(
        _ start: UInt64, _ end: UInt64, isReadable: Bool, isWritable: Bool
    ) throws(Errno) {
        restrict(start, end, isReadable: isReadable, isWritable: isWritable, isEnforced: true)
        try mapping.protect(
            offset: Int(start - self.start.value), count: Int(end - start), readable: isReadable,
            writable: isWritable)
    }

    // MARK: Values

    /// A copy of the value at `address`, which need not be aligned.
    @inline(__always)
    public func load<Value: BitwiseCopyable>(
        _ type: Value.Type, at address: GuestAddress, for access: Access = .read
    ) throws(GuestFault) -> Value {
        let size = UInt64(MemoryLayout<Value>.size)
        let range = try range(at: address, count: size, for: access)
        return unsafe withUnsafeTemporaryAllocation(of: Value.self, capacity: 1) { room in
            // All bytes of the value are filled in, and any bytes are a valid value.
            unsafe linux_copy_once(room.baseAddress, pointer(to: range), range.count)
            return unsafe room[0]
        }
    }

    /// A copy of a hypercall's argument that results will be stored to: checks write access first,
    /// so that no work is done whose result can't be stored.
    @inline(__always)
    public func loadArgument<Value: BitwiseCopyable>(
        _ type: Value.Type, at address: GuestAddress
    ) throws(GuestFault) -> Value {
        try load(type, at: address, for: .write)
    }

    @inline(__always)
    public func store<Value: BitwiseCopyable>(
        _ value: Value, at address: GuestAddress, offset: Int32 = 0
    ) throws(GuestFault) {
        let size = UInt64(MemoryLayout<Value>.size)
        guard let field = address.advanced(by: UInt64(offset)) else {
            throw .access(address: address, count: size)
        }
        let range = try range(at: field, count: size, for: .write)
        unsafe pointer(to: range).storeBytes(of: value, as: Value.self)
    }

    /// A copy of the bytes in `range`.
    public func bytes(in range: GuestRange) -> [UInt8] {
        let first = unsafe pointer(to: range)
        return unsafe [UInt8](UnsafeRawBufferPointer(start: first, count: range.count))
    }

    /// Copies as many bytes of `range` as fit into `room`, without allocating.
    @inline(__always)
    @unsafe public func copy(_ range: GuestRange, to room: UnsafeMutableRawBufferPointer) {
        guard let first = room.baseAddress else { return }
        // Both hold so many bytes, and don't overlap: `room` is the tender's memory.
        unsafe first.copyMemory(from: pointer(to: range), byteCount: min(range.count, room.count))
    }

    /// Stores as many of `bytes` as fit into `range`, which was checked for writing.
    @inline(__always)
    @unsafe public func fill(_ range: GuestRange, from bytes: UnsafeRawBufferPointer) {
        guard let first = bytes.baseAddress else { return }
        // As above.
        unsafe pointer(to: range).copyMemory(from: first, byteCount: min(range.count, bytes.count))
    }

    /// Stores `bytes` at an address that the guest chose.
    public func store(_ bytes: [UInt8], at address: GuestAddress) throws(GuestFault) {
        let range = try range(at: address, count: UInt64(bytes.count), for: .write)
        try place(bytes, at: range.start.value)
    }

    /// Stores `bytes` at an address that the tender chose, regardless of restrictions.
    package func place(_ bytes: [UInt8], at address: UInt64) throws(GuestFault) {
        let room = try tenderRange(at: address, count: bytes.count)
        unsafe bytes.withUnsafeBytes { unsafe copy($0, to: room) }
    }

    /// Stores 64-bit words, one after the other, at an address that the tender chose.
    package func place(words: [UInt64], at address: UInt64) throws(GuestFault) {
        let room = try tenderRange(at: address, count: words.count * 8)
        unsafe words.withUnsafeBytes { unsafe copy($0, to: room) }
    }

    /// - Parameter room: as large as `source`.
    private func copy(_ source: UnsafeRawBufferPointer, to room: GuestRange) {
        unsafe UnsafeMutableRawBufferPointer(start: pointer(to: room), count: room.count)
            .copyMemory(from: source)
    }

    /// Stores a 64-bit word, such as a page table entry, at an address that the tender chose.
    package func place(_ word: UInt64, at address: UInt64) throws(GuestFault) {
        try placeRow(word, step: 0, count: 1, at: address)
    }

    /// Stores `count` 64-bit words, each by `step` more than the one before, at an address that the
    /// tender chose: the page table entries of pages in a row.
    package func placeRow(
        _ first: UInt64, step: UInt64, count: Int, at address: UInt64
    ) throws(GuestFault) {
        let (size, overflows) = count.multipliedReportingOverflow(by: 8)
        guard !overflows else { throw .access(address: GuestAddress(address), count: .max) }
        let room = try unsafe pointer(to: tenderRange(at: address, count: size))
        var word = first
        for offset in stride(from: 0, to: size, by: 8) {
            unsafe room.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
            word &+= step
        }
    }

    /// A copy of the 64-bit word at an address that the tender reads on its own behalf.
    package func word(at address: UInt64) throws(GuestFault) -> UInt64 {
        let range = try tenderRange(at: address, count: 8)
        guard isReadable(range) else { throw .access(address: GuestAddress(address), count: 8) }
        return unsafe pointer(to: range).loadUnaligned(as: UInt64.self)
    }

    /// Whether the tender itself can read `range`, whatever the guest may do with it.
    package func isReadable(_ range: GuestRange) -> Bool {
        let first = range.start.value
        return restrictions.allSatisfy(from: first, to: first + UInt64(range.count)) {
            !$0.isUnreadableToTender
        }
    }

    /// Whether `range`, which is readable, is all zeros.
    package func isZero(_ range: GuestRange) -> Bool {
        let bytes = unsafe UnsafeRawBufferPointer(start: pointer(to: range), count: range.count)
        // Whole words first, for speed.
        let words = range.count / 8
        for word in 0..<words {
            let value = unsafe bytes.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self)
            if value != 0 { return false }
        }
        return unsafe bytes[(words * 8)...].allSatisfy { $0 == 0 }
    }

    /// Whether `isMatch` holds for a position of `byte` in `range`, which is readable.
    ///
    /// - Parameter isMatch: gets the range's bytes, and a position.
    package func contains(
        _ byte: UInt8, in range: GuestRange, where isMatch: (RawSpan, Int) -> Bool
    ) -> Bool {
        let start = unsafe pointer(to: range)
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: range.count)
        var position = 0
        while position < range.count {
            // The rest is `range.count - position` bytes, more than none.
            guard let found = unsafe memchr(start + position, Int32(byte), range.count - position)
            else { return false }
            position = unsafe start.distance(to: found)
            if unsafe isMatch(bytes.bytes, position) { return true }
            position += 1
        }
        return false
    }

    /// A range for the tender's own accesses, regardless of restrictions.
    package func tenderRange(at address: UInt64, count: Int) throws(GuestFault) -> GuestRange {
        let (offset, below) = address.subtractingReportingOverflow(start.value)
        let size = UInt64(count)
        guard !below, offset <= self.count, size <= self.count - offset else {
            throw .access(address: GuestAddress(address), count: size)
        }
        return GuestRange(start: GuestAddress(address), count: count)
    }

    /// Asks for huge pages (MADV_HUGEPAGE) where `range` will be filled completely: one page fault
    /// per 512 pages.
    package func expectFilling(of range: GuestRange) {
        let size = MemoryMapping.hugePageSize
        let offset = Int(range.start.value - start.value)
        let first = (offset + size - 1) / size * size
        let end = (offset + range.count) / size * size
        if first < end { mapping.preferHugePages(offset: first, count: end - first) }
    }

    /// The only conversion to a pointer. The range was checked against this memory's mapping.
    @inline(__always)
    func pointer(to range: GuestRange) -> UnsafeMutableRawPointer {
        unsafe mapping.base + Int(range.start.value - start.value)
    }
}
