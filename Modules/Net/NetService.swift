import ABI
import Network
import Tender

/// The hypercalls of the network devices, on the vCPU's thread.
///
/// Handle and length are checked before the buffer's address: an invalid request is reported to the
/// guest, a buffer outside memory ends it.
final class NetService {
    /// The devices by handle; nil for handles of other devices.
    private let devices: [NetworkBackend?]
    /// The ring's, whose frames keep their order with those that are sent by NET_WRITE.
    private let ring: RingServer?
    /// What is queued; nil if every frame is sent at once.
    private let queue: FrameQueue?
    private let lock: DeviceLock

    init(
        _ devices: [NetworkBackend?], _ lock: DeviceLock, _ ring: RingServer?, _ queue: FrameQueue?
    ) {
        self.devices = devices
        self.lock = lock
        self.ring = ring
        self.queue = queue
    }

    func write(_ argument: GuestAddress, _ memory: GuestMemory) throws(GuestFault) -> Outcome {
        let request = try memory.loadArgument(hvt_net_io.self, at: argument)
        let result = try lock.withLock { () throws(GuestFault) in
            if lock.isShared { try ring?.settle() }
            guard let device = device(request.handle), device.takes(count: request.len) else {
                return HVT_RESULT_INVALID
            }
            let data = GuestAddress(request.data)
            let range = try memory.range(at: data, count: request.len, for: .read)
            let sending =
                queue?.send(range, of: memory, to: device) ?? device.send(range, of: memory)
            // A dropped frame is not an error, as on any network.
            return sending == .gone ? HVT_RESULT_UNSPECIFIED : HVT_RESULT_OK
        }
        return try answer(result, argument, memory)
    }

    func read(_ argument: GuestAddress, _ memory: GuestMemory) throws(GuestFault) -> Outcome {
        let request = try memory.loadArgument(hvt_net_io.self, at: argument)
        guard let device = device(request.handle) else {
            return try answer(HVT_RESULT_INVALID, argument, memory)
        }
        let data = GuestAddress(request.data)
        let range = try memory.range(at: data, count: request.len, for: .write)
        // No room for a frame: it stays queued.
        guard range.count > 0 else { return try answer(HVT_RESULT_AGAIN, argument, memory) }
        let result = try lock.withLock { () throws(GuestFault) in
            switch device.receive(into: range, of: memory) {
            case .frame(let count):
                try memory.store(UInt64(count), at: argument, offset: HVT_NET_IO_LEN_OFFSET)
                return HVT_RESULT_OK
            case .wouldBlock, .unavailable:
                // The peer whose frame the guest waits for may wait for these.
                queue?.flush()
                return HVT_RESULT_AGAIN
            case .gone: return HVT_RESULT_UNSPECIFIED
            }
        }
        return try answer(result, argument, memory)
    }

    @inline(__always)
    private func device(_ handle: UInt64) -> NetworkBackend? {
        guard handle < UInt64(devices.count) else { return nil }
        return devices[Int(handle)]
    }

    @inline(__always)
    private func answer(
        _ result: Int32, _ argument: GuestAddress, _ memory: GuestMemory
    ) throws(GuestFault) -> Outcome {
        try memory.store(result, at: argument, offset: HVT_NET_IO_RESULT_OFFSET)
        return .resume
    }
}
