import ABI
import Synchronization
import Tender

/// The host's side of the network ring (`struct hvt_ring`), without devices: takes entries in order,
/// and posts commits.
///
/// All of the ring is memory that the guest can write. The indices that count are private ones,
/// which are stored to the ring and never read back; entries are copied once. Only what the guest
/// alone moves is loaded, and must be within the ring's length.
struct Ring {
    /// The next entry to take.
    private var entryHead: UInt32 = 0
    /// The next commit to post.
    private var commitTail: UInt32 = 0

    private static let slots = UInt32(HVT_RING_SLOTS)

    /// Tells the guest whether to kick after each request. What it submits before it sees this comes
    /// as it was told before.
    static func want(
        kicks: Bool, _ ring: GuestAddress, _ memory: GuestMemory
    ) throws(GuestFault) {
        try memory.storeReleasing(
            UInt32(kicks ? 1 : 0), at: field(HVT_RING_NEEDS_KICK_OFFSET, of: ring))
        // A guest that does not see it has submitted what is looked for next.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
    }

    /// The guest's index: past the last entry that it has submitted.
    static func tail(_ ring: GuestAddress, _ memory: GuestMemory) throws(GuestFault) -> UInt32 {
        try memory.loadAcquiring(UInt32.self, at: field(HVT_RING_ENT_TAIL_OFFSET, of: ring))
    }

    /// The number of entries to take, at most the ring's length.
    ///
    /// - Throws: if the guest's index is further away than that.
    func pending(_ ring: GuestAddress, _ memory: GuestMemory) throws(GuestFault) -> UInt32 {
        let count = try Self.tail(ring, memory) &- entryHead
        guard count <= Self.slots else { throw .ring(count: count, capacity: Self.slots) }
        return count
    }

    /// A copy of the next entry, of which there must be one. The guest keeps its slot until
    /// `retire`.
    mutating func take(
        _ ring: GuestAddress, _ memory: GuestMemory
    ) throws(GuestFault) -> hvt_ring_entry {
        let entry = try memory.load(
            hvt_ring_entry.self,
            at: Self.slot(
                entryHead, MemoryLayout<hvt_ring_entry>.size, HVT_RING_ENTRIES_OFFSET, of: ring))
        entryHead &+= 1
        return entry
    }

    /// Gives the slots of all entries that were taken back to the guest.
    func retire(_ ring: GuestAddress, _ memory: GuestMemory) throws(GuestFault) {
        try memory.storeReleasing(entryHead, at: Self.field(HVT_RING_ENT_HEAD_OFFSET, of: ring))
    }

    /// Checks that there is room for one more commit, which must not overwrite one that the guest
    /// has not seen.
    ///
    /// - Throws: if there is none, or the guest's index is past what was posted.
    func checkRoom(_ ring: GuestAddress, _ memory: GuestMemory) throws(GuestFault) {
        let head = try memory.loadAcquiring(
            UInt32.self, at: Self.field(HVT_RING_COM_HEAD_OFFSET, of: ring))
        let count = commitTail &- head
        guard count < Self.slots else { throw .ring(count: count, capacity: Self.slots) }
    }

    /// Posts a commit.
    mutating func post(
        _ commit: hvt_ring_commit, _ ring: GuestAddress, _ memory: GuestMemory
    ) throws(GuestFault) {
        try memory.store(
            commit,
            at: Self.slot(
                commitTail, MemoryLayout<hvt_ring_commit>.size, HVT_RING_COMMITS_OFFSET, of: ring))
        commitTail &+= 1
        try memory.storeReleasing(commitTail, at: Self.field(HVT_RING_COM_TAIL_OFFSET, of: ring))
    }

    // The ring's address is the tender's, and far below 2^64.

    @inline(__always)
    private static func field(_ offset: Int32, of ring: GuestAddress) -> GuestAddress {
        GuestAddress(ring.value &+ UInt64(offset))
    }

    @inline(__always)
    private static func slot(
        _ index: UInt32, _ size: Int, _ offset: Int32, of ring: GuestAddress
    ) -> GuestAddress {
        GuestAddress(ring.value &+ UInt64(offset) &+ UInt64(index % slots) &* UInt64(size))
    }
}
