import Architecture

/// Access to the initial page tables.
extension GuestMemory: TableMemory {
    public func entry(at address: UInt64) throws(GuestFault) -> UInt64 {
        try word(at: address)
    }

    public func setEntry(_ entry: UInt64, at address: UInt64) throws(GuestFault) {
        try place(entry, at: address)
    }
}
