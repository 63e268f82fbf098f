import Synchronization

// Words of rings, which the guest reads and writes at the same time on other vCPUs: each access is
// one access, and has its order among the others. Their addresses are multiples of their size.
extension GuestMemory {
    /// Loads a word; what the guest stored before it stored this word is seen by later loads.
    @inline(__always)
    public func loadAcquiring(at address: GuestAddress) throws(GuestFault) -> UInt16 {
        let word = try alignedWord(at: address, for: .read)
        // Checked to be memory, and aligned; the mapping lives as long as this.
        return unsafe pointer(to: word).assumingMemoryBound(to: Atomic<UInt16>.self).pointee.load(
            ordering: .acquiring)
    }

    /// Stores a word; a guest that sees it sees what was stored before.
    @inline(__always)
    public func storeReleasing(_ value: UInt16, at address: GuestAddress) throws(GuestFault) {
        let word = try alignedWord(at: address, for: .write)
        // As above.
        unsafe pointer(to: word).assumingMemoryBound(to: Atomic<UInt16>.self).pointee.store(
            value, ordering: .releasing)
    }

    @inline(__always)
    private func alignedWord(
        at address: GuestAddress, for access: Access
    ) throws(GuestFault) -> GuestRange {
        let size = UInt64(MemoryLayout<UInt16>.size)
        guard address.value.isMultiple(of: size) else {
            throw .access(address: address, count: size)
        }
        return try range(at: address, count: size, for: access)
    }
}
