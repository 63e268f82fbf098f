#if Net
    import ABI
    import CLinux
    import Linux
    import Net

    @testable import Tender

    /// A guest without a machine: its memory, its devices, and the hypercalls it makes.
    struct Guest {
        /// Where the argument of a hypercall and its buffer lie.
        static let argument = GuestAddress(0x1004)
        static let buffer = GuestAddress(0x2000)

        var launch: Launch
        let memory: GuestMemory

        /// - Parameter options: such as `["net:eth": "tap0"]`, in order.
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
                    devices: devices ?? [ManifestEntry(name: "eth", type: .net)]))
            memory = try GuestMemory(count: 1 << 20)
            try NetModule().attach(to: &launch)
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
            try memory.store(argument, at: Self.argument)
            let outcome = try launch.dispatch.serve(
                Int(number), argument: Self.argument, memory: memory)
            let after = try memory.load(hvt_net_io.self, at: Self.argument)
            // Anything but result and length must stay as it was.
            guard outcome == .resume, after.handle == argument.handle,
                after.data == argument.data, after.reserved == argument.reserved
            else { return Answer(result: .min, count: 0) }
            return Answer(result: after.result, count: after.len)
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
