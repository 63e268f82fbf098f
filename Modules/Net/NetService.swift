import ABI
import Tender

/// The hypercalls of the network devices.
///
/// Handle and length are checked before the buffer's address: a request that makes no sense is the
/// guest's to hear of, a wrong address is its end.
final class NetService {
    /// By handle; nil where the guest has no network device.
    private let devices: [NetDevice?]

    init(_ devices: [NetDevice?]) {
        self.devices = devices
    }

    func write(_ argument: GuestAddress, _ memory: GuestMemory) throws(GuestFault) -> Outcome {
        let request = try memory.loadArgument(hvt_net_io.self, at: argument)
        var result = HVT_RESULT_INVALID
        if let device = device(request.handle), device.takes(count: request.len) {
            let data = GuestAddress(request.data)
            let range = try memory.range(at: data, count: request.len, for: .read)
            result = device.write(range, of: memory)
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
        // No room for a frame: it stays where it is.
        guard range.count > 0 else { return try answer(HVT_RESULT_AGAIN, argument, memory) }
        let reception = device.read(into: range, of: memory)
        if reception.result == HVT_RESULT_OK {
            let count = UInt64(reception.count)
            try memory.store(count, at: argument, offset: HVT_NET_IO_LEN_OFFSET)
        }
        return try answer(reception.result, argument, memory)
    }

    @inline(__always)
    private func device(_ handle: UInt64) -> NetDevice? {
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
