import Synchronization

// Ring indices, which the guest reads and writes concurrently on other vCPUs: each access is a
// single atomic one, with acquire or release order. Addresses are multiples of the size.
extension GuestMemory {
    /// Loads a word (acquire): later loads see what the guest stored before this word.
    @inline(__always)
    public func loadAcquiring(at address: GuestAddress) throws(GuestFault) -> UInt16 {
        let word = try alignedWord(at: address, size: 2, for: .read)
        // Checked to be guest memory and aligned; the mapping lives as long as this object.
        return unsafe pointer(to: word).assumingMemoryBound(to: Atomic<UInt16>.self).pointee.load(
            ordering: .acquiring)
    }

    /// Stores a word (release): a guest that sees it sees all earlier stores.
    @inline(__always)
    public func storeReleasing(_ value: UInt16, at address: GuestAddress) throws(GuestFault) {
        let word = try alignedWord(at: address, size: 2, for: .write)
        // As above.
        unsafe pointer(to: word).assumingMemoryBound(to: Atomic<UInt16>.self).pointee.store(
            value, ordering: .releasing)
    }

    /// As above, for 32 bits.
    @inline(__always)
    public func loadAcquiring(
        _ type: UInt32.Type, at address: GuestAddress
    ) throws(GuestFault) -> UInt32 {
        let word = try alignedWord(at: address, size: 4, for: .read)
        // As above.
        return unsafe pointer(to: word).assumingMemoryBound(to: Atomic<UInt32>.self).pointee.load(
            ordering: .acquiring)
    }

    /// As above, for 32 bits.
    @inline(__always)
    public func storeReleasing(_ value: UInt32, at address: GuestAddress) throws(GuestFault) {
        let word = try alignedWord(at: address, size: 4, for: .write)
        // As above.
        unsafe pointer(to: word).assumingMemoryBound(to: Atomic<UInt32>.self).pointee.store(
            value, ordering: .releasing)
    }

    @inline(__always)
    private func alignedWord(
        at address: GuestAddress, size: UInt64, for access: Access
    ) throws(GuestFault) -> GuestRange {
        guard address.value.isMultiple(of: size) else {
            throw .access(address: address, count: size)
        }
        return try range(at: address, count: size, for: access)
    }
}
