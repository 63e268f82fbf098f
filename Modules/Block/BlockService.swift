import ABI
import Tender

/// The hypercalls of the disks.
///
/// Handle, offset and length are checked before the buffer's address: an invalid request is
/// reported to the guest, a buffer outside memory ends it.
final class BlockService {
    /// The disks by handle; nil for handles of other devices.
    private let devices: [BlockDevice?]

    init(_ devices: [BlockDevice?]) {
        self.devices = devices
    }

    func write(_ argument: GuestAddress, _ memory: GuestMemory) throws(GuestFault) -> Outcome {
        let request = try memory.loadArgument(hvt_block_io.self, at: argument)
        var result = HVT_RESULT_INVALID
        if let device = device(request.handle), device.isWritable,
            let position = device.position(offset: request.offset, count: request.len)
        {
            let data = GuestAddress(request.data)
            let range = try memory.range(at: data, count: request.len, for: .read)
            result = device.write(range, of: memory, at: position)
        }
        return try answer(result, argument, memory)
    }

    func read(_ argument: GuestAddress, _ memory: GuestMemory) throws(GuestFault) -> Outcome {
        let request = try memory.loadArgument(hvt_block_io.self, at: argument)
        var result = HVT_RESULT_INVALID
        if let device = device(request.handle),
            let position = device.position(offset: request.offset, count: request.len)
        {
            let data = GuestAddress(request.data)
            let range = try memory.range(at: data, count: request.len, for: .write)
            result = device.read(into: range, of: memory, at: position)
        }
        return try answer(result, argument, memory)
    }

    @inline(__always)
    private func device(_ handle: UInt64) -> BlockDevice? {
        guard handle < UInt64(devices.count) else { return nil }
        return devices[Int(handle)]
    }

    @inline(__always)
    private func answer(
        _ result: Int32, _ argument: GuestAddress, _ memory: GuestMemory
    ) throws(GuestFault) -> Outcome {
        try memory.store(result, at: argument, offset: HVT_BLOCK_IO_RESULT_OFFSET)
        return .resume
    }
}
