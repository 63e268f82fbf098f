import Linux
import Tender

extension FileAttributes {
    /// The size of `struct uhyve_v3_attr`, in bytes.
    static let guestSize: UInt64 = 120

    /// Stores a `struct uhyve_v3_attr`, wholly or not at all.
    package func store(at address: GuestAddress, in memory: GuestMemory) throws(GuestFault) {
        _ = try memory.range(at: address, count: Self.guestSize, for: .write)
        try memory.store(device, at: address, offset: 0)
        try memory.store(inode, at: address, offset: 8)
        try memory.store(linkCount, at: address, offset: 16)
        try memory.store(mode, at: address, offset: 24)
        try memory.store(user, at: address, offset: 28)
        try memory.store(group, at: address, offset: 32)
        try memory.store(representedDevice, at: address, offset: 40)
        try memory.store(size, at: address, offset: 48)
        try memory.store(blockSize, at: address, offset: 56)
        try memory.store(blockCount, at: address, offset: 64)
        try store(accessed, at: address, offset: 72, in: memory)
        try store(modified, at: address, offset: 88, in: memory)
        try store(changed, at: address, offset: 104, in: memory)
    }

    private func store(
        _ time: Time, at address: GuestAddress, offset: Int32, in memory: GuestMemory
    ) throws(GuestFault) {
        try memory.store(time.seconds, at: address, offset: offset)
        try memory.store(time.nanoseconds, at: address, offset: offset + 8)
    }
}
