import CLinux
import EmulatedMSHV
import Linux
import Testing

/// Whether KVM is there to emulate with.
enum Host {
    static let obstacle: Comment? = {
        #if arch(x86_64)
            do throws(Errno) {
                _ = try FileDescriptor.open("/dev/kvm", O_RDWR)
                return nil
            } catch {
                return "no KVM here: \(error)"
            }
        #else
            return "the emulation is of the interface for x86_64"
        #endif
    }()
}

extension Trait where Self == ConditionTrait {
    /// For tests of the emulation, which needs KVM: skipped, with the reason, where there is none.
    static var emulates: Self { .enabled(if: Host.obstacle == nil, Host.obstacle) }
}

/// Expects that a call fails.
func expectFailure(
    _ code: Int32, at location: SourceLocation = #_sourceLocation,
    _ call: () throws(Errno) -> Void
) {
    do throws(Errno) {
        try call()
        Issue.record("no error", sourceLocation: location)
    } catch {
        #expect(error == Errno(code), sourceLocation: location)
    }
}

typealias Request = Interface.Request

/// From the device to a VP that could run.
@Suite(.emulates) struct PartitionTests {
    @Test(arguments: [8, 1 << 4, 1 << 63] as [UInt64])
    func unknownFlagsAreRefused(_ flags: UInt64) throws {
        let monitor = try Monitor()
        let device = try monitor.open()
        expectFailure(EINVAL) { () throws(Errno) in
            _ = try monitor.createPartition(device, flags: flags)
        }
    }

    @Test func isolationIsRefused() throws {
        let monitor = try Monitor()
        let device = try monitor.open()
        expectFailure(EINVAL) { () throws(Errno) in
            _ = try monitor.createPartition(device, isolation: 1)
        }
    }

    @Test func superPagesAreAccepted() throws {
        let monitor = try Monitor()
        _ = try monitor.createPartition(monitor.open(), flags: 4)
        #expect(monitor.device.complaints.isEmpty)
    }

    @Test func aLocalAPICIsBeyondTheEmulation() throws {
        let monitor = try Monitor()
        let device = try monitor.open()
        expectFailure(EOPNOTSUPP) { () throws(Errno) in
            _ = try monitor.createPartition(device, flags: 1)
        }
        #expect(monitor.device.complaints.count == 1)
    }

    @Test func requestsBelongToKindsOfDescriptors() throws {
        let guest = try Guest(Code.halt)
        let all = [
            Request.createPartition, Request.initializePartition, Request.createVP,
            Request.setGuestMemory, Request.hypercall, Request.run,
        ]
        let known = [
            guest.device: [Request.createPartition],
            guest.partition: [
                Request.initializePartition, Request.createVP, Request.setGuestMemory,
                Request.hypercall,
            ],
            guest.vp: [Request.hypercall, Request.run],
        ]
        for (descriptor, requests) in known {
            for request in all where !requests.contains(request) {
                expectFailure(ENOTTY) { () throws(Errno) in
                    try guest.monitor.call(descriptor, request)
                }
            }
            // The generation of interfaces before this one had more.
            expectFailure(ENOTTY) { () throws(Errno) in
                try guest.monitor.call(descriptor, 0xB8F0)
            }
        }
        expectFailure(ENOTTY) { () throws(Errno) in try guest.monitor.call(1, Request.run) }
    }

    @Test func vpsNeedAnInitializedPartition() throws {
        let monitor = try Monitor()
        let partition = try monitor.createPartition(monitor.open())
        expectFailure(EINVAL) { () throws(Errno) in _ = try monitor.createVP(partition) }
        // As often as one likes.
        for _ in 1...2 { try monitor.call(partition, Request.initializePartition) }
        _ = try monitor.createVP(partition)
        expectFailure(EEXIST) { () throws(Errno) in _ = try monitor.createVP(partition) }
    }

    // MARK: Memory

    @Test(
        arguments: [
            // Size, guest address, offset, flags, reserved.
            (0, 0, 0, 3, 0), (0x800, 0, 0, 3, 0), (0x1001, 0, 0, 3, 0), (0x1000, 0, 0x10, 3, 0),
            (0x1000, 0, 0, 8, 0), (0x1000, 0, 0, 3, 1),
            (0x1000, 0xFFFF_FFFF_FFFF_F000, 0, 3, 0),
        ] as [(UInt64, UInt64, Int, UInt8, UInt8)])
    func malformedRegionsAreRefused(
        _ count: UInt64, gpa: UInt64, offset: Int, flags: UInt8, reserved: UInt8
    ) throws {
        let monitor = try Monitor()
        let partition = try monitor.createPartition(monitor.open())
        expectFailure(EINVAL) { () throws(Errno) in
            try monitor.setMemory(
                partition, gpa: gpa, offset: offset, count: count, flags: flags,
                reserved: reserved)
        }
    }

    @Test func neitherSideOfARegionMayOverlap() throws {
        let monitor = try Monitor()
        let partition = try monitor.createPartition(monitor.open())
        try monitor.setMemory(partition, gpa: 0x10000, offset: 0, count: 0x2000)
        // In the guest's memory; in the VMM's; and in neither, just after.
        expectFailure(EEXIST) { () throws(Errno) in
            try monitor.setMemory(partition, gpa: 0x11000, offset: 0x4000, count: 0x1000)
        }
        expectFailure(EEXIST) { () throws(Errno) in
            try monitor.setMemory(partition, gpa: 0x20000, offset: 0x1000, count: 0x2000)
        }
        try monitor.setMemory(partition, gpa: 0x12000, offset: 0x2000, count: 0x1000)
    }

    @Test func regionsAreRemovedAsTheyWere() throws {
        let monitor = try Monitor()
        let partition = try monitor.createPartition(monitor.open())
        try monitor.setMemory(partition, gpa: 0x10000, offset: 0, count: 0x2000)
        let unmap: UInt8 = 4
        expectFailure(EINVAL) { () throws(Errno) in
            try monitor.setMemory(
                partition, gpa: 0x10000, offset: 0, count: 0x1000, flags: unmap)
        }
        try monitor.setMemory(partition, gpa: 0x10000, offset: 0, count: 0x2000, flags: unmap)
        try monitor.setMemory(partition, gpa: 0x10000, offset: 0, count: 0x2000)
    }

    /// Even for what the guest may only read: the kernel pins pages for writing.
    @Test(arguments: [0, 0x3000])
    func memoryMustBeWritableByTheVMM(_ hole: Int) throws {
        let monitor = try Monitor()
        let partition = try monitor.createPartition(monitor.open())
        try monitor.memory.protect(offset: hole, count: 0x1000, readable: true, writable: false)
        expectFailure(EFAULT) { () throws(Errno) in
            try monitor.setMemory(partition, gpa: 0, offset: 0, count: 0x4000, flags: 0)
        }
        try monitor.setMemory(partition, gpa: 0, offset: 0x4000, count: 0x1000, flags: 0)
    }
}
