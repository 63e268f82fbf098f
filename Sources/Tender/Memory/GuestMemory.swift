import CLinux
import Linux

/// A guest's memory, and the only place that turns guest addresses into pointers.
///
/// The rules that this file enforces:
/// 1. A guest address is used only as part of a `GuestRange`, and `range` is the only way to one:
///    no wrap-around, nothing outside memory, nothing that the guest itself may not touch.
/// 2. What the guest supplied is fetched once, as a copy that the compiler can't repeat; nobody gets
///    a pointer or a reference.
/// 3. Results are stored field by field; what the guest put beside them stays.
///
/// The guest runs on while a module looks at its memory only if it has several vCPUs or shares a
/// ring; both rules 2 and 3 are there for that case.
@safe public final class GuestMemory: @unchecked Sendable {
    /// What someone wants to do with memory on the guest's behalf.
    public enum Access: Sendable {
        case read, write
    }

    private let mapping: MemoryMapping
    /// The address of the first byte.
    public let start: GuestAddress
    /// In bytes. What lies behind it, though mapped, is not the guest's.
    public let count: UInt64
    private var restrictions = Restrictions()

    /// Memory that is all zeros and takes up room only as it is touched.
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

    /// Checks that the guest has these bytes and may do `access` with them.
    ///
    /// No bytes at all are fine anywhere in memory, since nothing is touched.
    @inline(__always)
    public func range(
        at address: GuestAddress, count: UInt64, for access: Access
    ) throws(GuestFault) -> GuestRange {
        let (offset, below) = address.value.subtractingReportingOverflow(start.value)
        guard !below, offset < self.count, count <= self.count - offset else {
            throw .access(address: address, count: count)
        }
        if count > 0, address.value < restrictions.end {
            // Stays within memory, as was checked.
            let isAllowed = restrictions.allow(
                access, from: address.value, to: address.value &+ count)
            guard isAllowed else { throw .access(address: address, count: count) }
        }
        return GuestRange(start: address, count: Int(count))
    }

    /// From now on `range` allows no more than this between the two addresses.
    package func restrict(
        _ start: UInt64, _ end: UInt64, isReadable: Bool, isWritable: Bool,
        isEnforced: Bool = false
    ) {
        restrictions.add(
            Restrictions.Part(
                start: start, end: end, isReadable: isReadable, isWritable: isWritable,
                isUnreadableToTender: isEnforced && !isReadable))
    }

    /// Restricts, and has the kernel enforce the same for the guest's own accesses.
    ///
    /// Both addresses are multiples of the page size and lie in memory.
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
            // There is room for one, all of whose bytes are filled in; any bytes are a value.
            unsafe linux_copy_once(room.baseAddress, pointer(to: range), range.count)
            return unsafe room[0]
        }
    }

    /// A copy of a hypercall's argument, some fields of which will be stored to: checks at once
    /// that they can be, so that no work is done whose result could not be told.
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

    /// Copies as many bytes of `range` as fit into `room`, with no allocation.
    @inline(__always)
    @unsafe public func copy(_ range: GuestRange, to room: UnsafeMutableRawBufferPointer) {
        let count = min(range.count, room.count)
        // Both hold that many, and the tender's own memory is no guest's.
        unsafe room.copyMemory(
            from: UnsafeRawBufferPointer(start: pointer(to: range), count: count))
    }

    /// Stores as many of `bytes` as fit into `range`, which was checked for writing.
    @unsafe public func fill(_ range: GuestRange, from bytes: UnsafeRawBufferPointer) {
        let count = min(range.count, bytes.count)
        // As above.
        unsafe UnsafeMutableRawBufferPointer(start: pointer(to: range), count: count)
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.prefix(count)))
    }

    /// Stores `bytes` where the guest wants them.
    public func store(_ bytes: [UInt8], at address: GuestAddress) throws(GuestFault) {
        let range = try range(at: address, count: UInt64(bytes.count), for: .write)
        try place(bytes, at: range.start.value)
    }

    /// Stores `bytes` at an address of the tender's own choice; restrictions don't matter here.
    package func place(_ bytes: [UInt8], at address: UInt64) throws(GuestFault) {
        let room = try tenderRange(at: address, count: bytes.count)
        unsafe bytes.withUnsafeBytes { source in
            unsafe UnsafeMutableRawBufferPointer(start: pointer(to: room), count: room.count)
                .copyMemory(from: source)
        }
    }

    /// Stores a 64-bit word, such as a page table entry, at an address of the tender's choice.
    package func place(_ word: UInt64, at address: UInt64) throws(GuestFault) {
        let room = try tenderRange(at: address, count: 8)
        unsafe pointer(to: room).storeBytes(of: word, as: UInt64.self)
    }

    /// A copy of the 64-bit word at an address that the tender looks at on its own behalf.
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

    /// Whether there is nothing but zeros in `range`, which is readable.
    package func isZero(_ range: GuestRange) -> Bool {
        let bytes = unsafe UnsafeRawBufferPointer(start: pointer(to: range), count: range.count)
        // Words first: there may be much of it.
        let words = range.count / 8
        for word in 0..<words {
            let value = unsafe bytes.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self)
            if value != 0 { return false }
        }
        return unsafe bytes[(words * 8)...].allSatisfy { $0 == 0 }
    }

    /// A range for what the tender itself puts into memory before the guest runs, or looks at.
    package func tenderRange(at address: UInt64, count: Int) throws(GuestFault) -> GuestRange {
        let (offset, below) = address.subtractingReportingOverflow(start.value)
        let size = UInt64(count)
        guard !below, offset <= self.count, size <= self.count - offset else {
            throw .access(address: GuestAddress(address), count: size)
        }
        return GuestRange(start: GuestAddress(address), count: count)
    }

    /// Prepares for `range` to be filled as a whole: what is made of huge pages takes a page fault
    /// each for 512 pages.
    package func expectFilling(of range: GuestRange) {
        let size = MemoryMapping.hugePageSize
        let offset = Int(range.start.value - start.value)
        let first = (offset + size - 1) / size * size
        let end = (offset + range.count) / size * size
        if first < end { mapping.preferHugePages(offset: first, count: end - first) }
    }

    /// The one conversion. The range was checked against this memory, and the mapping holds it all.
    @inline(__always)
    func pointer(to range: GuestRange) -> UnsafeMutableRawPointer {
        unsafe mapping.base + Int(range.start.value - start.value)
    }
}
