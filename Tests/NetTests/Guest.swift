#if Net
    import ABI
    import Net
    import TenderSupport

    @testable import Tender

    typealias Guest = ModuleGuest

    extension Guest {
        init(
            _ options: KeyValuePairs<String, String>,
            devices: [ManifestEntry] = [ManifestEntry(name: "eth", type: .net)]
        ) throws {
            try self.init(NetModule(), options, devices: devices)
        }

        struct Answer: Equatable {
            var result: Int32
            var count: UInt64
        }

        func write(
            _ count: UInt64, handle: UInt64 = 1, at data: GuestAddress = Guest.buffer
        ) throws(GuestFault) -> Int32 {
            let answer = try call(HVT_HYPERCALL_NET_WRITE, handle, data, count)
            return answer.count == count ? answer.result : .min
        }

        func read(
            _ count: UInt64 = 2048, handle: UInt64 = 1, at data: GuestAddress = Guest.buffer
        ) throws(GuestFault) -> Answer {
            try call(HVT_HYPERCALL_NET_READ, handle, data, count)
        }

        private func call(
            _ number: Int32, _ handle: UInt64, _ data: GuestAddress, _ count: UInt64
        ) throws(GuestFault) -> Answer {
            let argument = hvt_net_io(
                handle: handle, data: data.value, len: count, result: -1, reserved: 0xDEAD_BEEF)
            let (after, outcome) = try call(number, argument)
            // Anything but result and length must stay as it was.
            guard outcome == .resume, after.handle == argument.handle,
                after.data == argument.data, after.reserved == argument.reserved
            else { return Answer(result: .min, count: 0) }
            return Answer(result: after.result, count: after.len)
        }
    }

    /// The error that attaching these options ends with.
    func refusal(
        _ options: KeyValuePairs<String, String>,
        devices: [ManifestEntry] = [ManifestEntry(name: "eth", type: .net)]
    ) -> ModuleError? {
        Guest.refusal { try Guest(options, devices: devices) }
    }
#endif
