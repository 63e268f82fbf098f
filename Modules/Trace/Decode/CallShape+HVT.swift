import ABI

extension CallShape {
    /// The hypercalls of hvt guests, as `abi/hvt.h` has them.
    static func hvt(_ number: Int32) -> CallShape? {
        switch number {
        case HVT_HYPERCALL_WALLTIME: CallShape(fields: [.result("nsecs", 0, 8, .date)])
        case HVT_HYPERCALL_PUTS:
            CallShape(fields: [.address("data", 0), .number("len", 8)], amount: .word(8))
        case HVT_HYPERCALL_POLL:
            CallShape(fields: [
                Field(name: "timeout", offset: 0, width: 8, meaning: .duration),
                .result("ready", HVT_POLL_RESULT_OFFSET, 4, .signed),
                .result("set", HVT_POLL_READY_SET_OFFSET, 8, .set),
            ])
        case HVT_HYPERCALL_BLOCK_WRITE, HVT_HYPERCALL_BLOCK_READ:
            CallShape(
                fields: [
                    .number("handle", 0), .number("offset", 8), .address("data", 16),
                    .number("len", 24), .result("result", HVT_BLOCK_IO_RESULT_OFFSET, 4, .status),
                ],
                check: .status(Int(HVT_BLOCK_IO_RESULT_OFFSET)), amount: .word(24))
        case HVT_HYPERCALL_NET_WRITE, HVT_HYPERCALL_NET_READ:
            CallShape(
                fields: [
                    .number("handle", 0), .address("data", 8),
                    .number("len", Int(HVT_NET_IO_LEN_OFFSET)),
                    .result("result", HVT_NET_IO_RESULT_OFFSET, 4, .status),
                ],
                check: .status(Int(HVT_NET_IO_RESULT_OFFSET)),
                amount: .word(Int(HVT_NET_IO_LEN_OFFSET)))
        case HVT_HYPERCALL_HALT:
            CallShape(fields: [.signed("exit_status", 8), .address("cookie", 0)])
        default: nil
        }
    }
}
