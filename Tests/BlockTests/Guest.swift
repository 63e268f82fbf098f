#if Block
    import ABI
    import Block
    import TenderSupport

    @testable import Tender

    typealias Guest = ModuleGuest

    extension Guest {
        init(
            _ options: KeyValuePairs<String, String>,
            devices: [ManifestEntry] = [ManifestEntry(name: "disk", type: .block)]
        ) throws {
            try self.init(BlockModule(), options, devices: devices)
        }

        func write(_ request: Request = Request()) throws(GuestFault) -> Int32 {
            try call(HVT_HYPERCALL_BLOCK_WRITE, request)
        }

        func read(_ request: Request = Request()) throws(GuestFault) -> Int32 {
            try call(HVT_HYPERCALL_BLOCK_READ, request)
        }

        struct Request {
            var handle: UInt64 = 1
            var offset: UInt64 = 0
            var data = Guest.buffer
            var count: UInt64 = 512
        }

        private func call(_ number: Int32, _ request: Request) throws(GuestFault) -> Int32 {
            let argument = hvt_block_io(
                handle: request.handle, offset: request.offset, data: request.data.value,
                len: request.count, result: -1, reserved: 0xDEAD_BEEF)
            let (after, outcome) = try call(number, argument)
            // Anything but the result must stay as it was.
            guard outcome == .resume, after.handle == argument.handle,
                after.offset == argument.offset, after.data == argument.data,
                after.len == argument.len, after.reserved == argument.reserved
            else { return .min }
            return after.result
        }
    }

    /// The error that attaching these options ends with.
    func refusal(
        _ options: KeyValuePairs<String, String>,
        devices: [ManifestEntry] = [ManifestEntry(name: "disk", type: .block)]
    ) -> ModuleError? {
        Guest.refusal { try Guest(options, devices: devices) }
    }
#endif
