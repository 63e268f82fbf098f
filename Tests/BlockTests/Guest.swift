#if Block
    import ABI
    import Block
    import Linux

    @testable import Tender

    /// A guest without a machine: its memory, its devices, and the hypercalls it makes.
    struct Guest {
        /// Where the argument of a hypercall and its buffer lie.
        static let argument = GuestAddress(0x1004)
        static let buffer = GuestAddress(0x2000)

        var launch: Launch
        let memory: GuestMemory

        /// - Parameter options: such as `["block:disk": "/path"]`, in order.
        init(
            _ options: KeyValuePairs<String, String>, devices: [ManifestEntry]? = nil
        ) throws {
            let given = options.map { name, value in
                let parts = name.split(separator: ":")
                return OptionValue(
                    name: String(parts[0]), device: String(parts[1]), value: value)
            }
            launch = Launch(
                options: given,
                devices: ApplicationManifest(
                    devices: devices ?? [ManifestEntry(name: "disk", type: .block)]))
            memory = try GuestMemory(count: 1 << 20)
            try BlockModule().attach(to: &launch)
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
            try memory.store(argument, at: Self.argument)
            let outcome = try launch.dispatch.serve(
                Int(number), argument: Self.argument, memory: memory)
            let after = try memory.load(hvt_block_io.self, at: Self.argument)
            // Anything but the result must stay as it was.
            guard outcome == .resume, after.handle == argument.handle,
                after.offset == argument.offset, after.data == argument.data,
                after.len == argument.len, after.reserved == argument.reserved
            else { return .min }
            return after.result
        }

        func fill(_ bytes: [UInt8], at address: GuestAddress = Guest.buffer) throws(GuestFault) {
            try memory.place(bytes, at: address.value)
        }

        func bytes(_ count: Int, at address: GuestAddress = Guest.buffer) throws(GuestFault)
            -> [UInt8]
        {
            memory.bytes(in: try memory.range(at: address, count: UInt64(count), for: .read))
        }
    }

    /// The error that attaching these options ends with.
    func refusal(
        _ options: KeyValuePairs<String, String>, devices: [ManifestEntry]? = nil
    ) -> ModuleError? {
        do {
            _ = try Guest(options, devices: devices)
            return nil
        } catch {
            return error as? ModuleError
        }
    }
#endif
