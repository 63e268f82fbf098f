import Tender

extension GdbModule {
    static let listener: Role = "the socket that debuggers connect to"
    static let connection: Role = "a debugger's connection"
    static let spare: Role = "a descriptor that keeps the connection's number free for it"
    static let event: Role = "what tells the debugger's thread of the vCPUs"
    static let memory: Role = "the way to the guest's memory"

    public static let manifest = ModuleManifest(
        name: "gdb", trait: "Gdb", guests: nil, summary: "serves gdb's remote protocol",
        options: GdbOptions.specifications,
        workers: [
            WorkerSpecification(
                "the debugger",
                systemCalls: systemCalls
                    + GuestThreads.systemCalls(areEnded: false, onlyWith: listener))
        ])

    // Only launches with a debugger make any of these.
    private static let systemCalls: [SystemCallSpecification] =
        [
            // Breakpoints in the processor, and single steps.
            vcpuCall(0x4048_AE9B, "KVM_SET_GUEST_DEBUG"),
            vcpuCall(0x9000_AEA4, "KVM_GET_XSAVE"),
            vcpuCall(0x5000_AEA5, "KVM_SET_XSAVE"),
            SystemCallSpecification("pread64", [.descriptor(argument: 0, memory)]),
            SystemCallSpecification("pwrite64", [.descriptor(argument: 0, memory)]),
            SystemCallSpecification("accept4", [.descriptor(argument: 0, listener)]),
            // A new connection takes over the number of the last one, and its own is closed.
            SystemCallSpecification("dup3", [.descriptor(argument: 1, connection)]),
            SystemCallSpecification("close", onlyWith: listener),
            SystemCallSpecification("recvfrom", [.descriptor(argument: 0, connection)]),
            SystemCallSpecification(
                "sendto", [.descriptor(argument: 0, connection), .toConnectedPeer]),
            SystemCallSpecification(
                "ppoll", [.equals(argument: 1, 2, name: "two descriptors")], onlyWith: listener),
            SystemCallSpecification("read", [.descriptor(argument: 0, event)]),
            SystemCallSpecification("write", [.descriptor(argument: 0, event)]),
            // The heap, in case that what was reserved of it does not do.
            SystemCallSpecification("brk", onlyWith: listener),
        ]

    private static func vcpuCall(_ number: UInt64, _ name: String) -> SystemCallSpecification {
        SystemCallSpecification(
            "ioctl",
            [.descriptor(argument: 0, Core.vcpu), .equals(argument: 1, number, name: name)],
            onlyWith: listener)
    }
}
