import CLinux
import Linux

/// The input and output of hypercalls that the kernel passes through to the hypervisor
/// (MSHV_ROOT_HVCALL).
///
/// One of the files with unsafe pointers: all accesses are within the two blocks, which the kernel
/// reads and fills in during the calls.
@safe struct MSHVHypercall<Device: MSHVDevice>: ~Copyable {
    private let device: Device
    private let input: UnsafeMutableRawPointer
    private let output: UnsafeMutableRawPointer

    /// Registers that one call takes: their input fits into a page, as the kernel demands.
    static var mostRegisters: Int {
        (size - MemoryLayout<linux_hv_registers>.size) / MemoryLayout<linux_hv_assignment>.size
    }

    /// Of each block, in bytes.
    private static var size: Int { 4096 }

    /// Calls in a row that get no further. The kernels that return EAGAIN have by then given the
    /// hypervisor as many pages of memory.
    private static var patience: Int { 512 }

    init(_ device: Device) {
        self.device = device
        unsafe input = .allocate(byteCount: Self.size, alignment: Self.size)
        unsafe output = .allocate(byteCount: Self.size, alignment: Self.size)
    }

    deinit {
        unsafe input.deallocate()
        unsafe output.deallocate()
    }

    // MARK: Partition properties

    borrowing func property(
        _ code: Int, of partition: Int32, for operation: String
    ) throws(HypervisorError) -> UInt64 {
        let property = linux_hv_property(
            partition: 0, code: UInt32(code), padding: 0, value: 0)
        unsafe input.place(property)
        // Without the value.
        try call(
            LINUX_HVCALL_GET_PARTITION_PROPERTY, on: partition, input: 16, output: 8,
            for: operation)
        return unsafe output.load(as: UInt64.self)
    }

    borrowing func setProperty(
        _ code: Int, to value: UInt64, of partition: Int32, for operation: String
    ) throws(HypervisorError) {
        let property = linux_hv_property(
            partition: 0, code: UInt32(code), padding: 0, value: value)
        unsafe input.place(property)
        try call(
            LINUX_HVCALL_SET_PARTITION_PROPERTY, on: partition,
            input: MemoryLayout<linux_hv_property>.size, for: operation)
    }

    // MARK: CPUID

    borrowing func override(
        _ result: linux_hv_cpuid_result, of vp: Int32, for operation: String
    ) throws(HypervisorError) {
        unsafe input.place(result)
        try call(
            LINUX_HVCALL_REGISTER_INTERCEPT_RESULT, on: vp, input: LINUX_HV_CPUID_RESULT_SIZE,
            for: operation)
    }

    // MARK: Registers

    /// Sets up to `mostRegisters` registers; more are ignored.
    borrowing func set(
        _ registers: [MSHVRegister], of index: UInt32, _ vp: Int32, for operation: String
    ) throws(HypervisorError) {
        let registers = registers.prefix(Self.mostRegisters)
        putHeader(index)
        for (position, register) in registers.enumerated() {
            put(register, at: position)
        }
        try repeated(
            LINUX_HVCALL_SET_VP_REGISTERS, on: vp, count: registers.count,
            size: MemoryLayout<linux_hv_assignment>.size, outputSize: 0, for: operation)
    }

    /// Sets one register. Allocates nothing.
    borrowing func set(
        _ register: MSHVRegister, of index: UInt32, _ vp: Int32, for operation: String
    ) throws(HypervisorError) {
        putHeader(index)
        put(register, at: 0)
        try repeated(
            LINUX_HVCALL_SET_VP_REGISTERS, on: vp, count: 1,
            size: MemoryLayout<linux_hv_assignment>.size, outputSize: 0, for: operation)
    }

    /// The values of up to `mostRegisters` registers, in this order.
    borrowing func values(
        of names: [Int], of index: UInt32, _ vp: Int32, for operation: String
    ) throws(HypervisorError) -> [linux_hv_value] {
        let names = names.prefix(Self.mostRegisters)
        putHeader(index)
        for (position, name) in names.enumerated() {
            unsafe elements.storeBytes(
                of: UInt32(name), toByteOffset: position * MemoryLayout<UInt32>.size,
                as: UInt32.self)
        }
        let size = MemoryLayout<linux_hv_value>.size
        try repeated(
            LINUX_HVCALL_GET_VP_REGISTERS, on: vp, count: names.count,
            size: MemoryLayout<UInt32>.size, outputSize: size, for: operation)
        return names.indices.map {
            unsafe (output + $0 * size).bindMemory(to: linux_hv_value.self, capacity: 1).pointee
        }
    }

    private borrowing func putHeader(_ index: UInt32) {
        let header = linux_hv_registers(partition: 0, vp: index, vtl: 0, padding: (0, 0, 0))
        unsafe input.place(header)
    }

    private borrowing func put(_ register: MSHVRegister, at position: Int) {
        let assignment = linux_hv_assignment(
            name: UInt32(register.name), padding: 0, more_padding: 0, value: register.value)
        unsafe (elements + position * MemoryLayout<linux_hv_assignment>.size).place(assignment)
    }

    // MARK: Calls

    private static var headerSize: Int { MemoryLayout<linux_hv_registers>.size }

    /// The part of the input past the header.
    private var elements: UnsafeMutableRawPointer { unsafe input + Self.headerSize }

    /// A hypercall on a list, whose elements follow the header. It may do some of them only, and is
    /// then made again for the others.
    private borrowing func repeated(
        _ code: Int, on descriptor: Int32, count: Int, size: Int, outputSize: Int,
        for operation: String
    ) throws(HypervisorError) {
        var done = 0
        var attempts = 0
        while done < count {
            let left = count - done
            var call = linux_mshv_hypercall()
            call.code = UInt16(code)
            call.reps = UInt16(left)
            call.in_size = UInt16(Self.headerSize + left * size)
            call.out_size = UInt16(left * outputSize)
            if outputSize > 0 { unsafe call.out = Self.address(output + done * outputSize) }
            let errno = attempt(&call, on: descriptor)
            if let errno, !errno.passes {
                throw .mshv(operation, errno, status: call.status)
            }
            let more = min(Int(call.reps), left)
            // An error's count says how far it came; a success that did nothing is as good as none.
            if more == 0 || more == left && errno != nil {
                attempts += 1
                guard attempts < Self.patience else {
                    throw .mshv(operation, errno ?? Errno(EAGAIN), status: call.status)
                }
                continue
            }
            attempts = 0
            done += more
            // The others move up to the header.
            unsafe elements.copyMemory(
                from: elements + more * size, byteCount: (count - done) * size)
        }
    }

    /// A hypercall without a list.
    private borrowing func call(
        _ code: Int, on descriptor: Int32, input size: Int, output outputSize: Int = 0,
        for operation: String
    ) throws(HypervisorError) {
        for attempts in 1... {
            var call = linux_mshv_hypercall()
            call.code = UInt16(code)
            call.in_size = UInt16(size)
            call.out_size = UInt16(outputSize)
            if outputSize > 0 { unsafe call.out = Self.address(output) }
            guard let errno = attempt(&call, on: descriptor) else { return }
            guard errno.passes, attempts < Self.patience else {
                throw .mshv(operation, errno, status: call.status)
            }
        }
    }

    /// - Returns: nil if it succeeded.
    private borrowing func attempt(
        _ call: inout linux_mshv_hypercall, on descriptor: Int32
    ) -> Errno? {
        unsafe call.in = Self.address(input)
        do throws(Errno) {
            _ = unsafe try device.ioctl(descriptor, LINUX_MSHV_ROOT_HVCALL, &call)
            return nil
        } catch {
            return error
        }
    }

    private static func address(_ pointer: UnsafeMutableRawPointer) -> UInt64 {
        UInt64(UInt(bitPattern: pointer))
    }
}

extension UnsafeMutableRawPointer {
    /// Stores a struct of the kernel's. Not by `storeBytes`: where Embedded Swift specializes this back
    /// end, in another module, it does not find the conformance of such structs to BitwiseCopyable.
    fileprivate func place<Value>(_ value: Value) {
        // The callers' blocks have room for it.
        unsafe bindMemory(to: Value.self, capacity: 1).initialize(to: value)
    }
}

/// A register's name, LINUX_HV_..., and a value for it.
struct MSHVRegister {
    let name: Int
    let value: linux_hv_value

    init(_ name: Int, _ low: UInt64, _ high: UInt64 = 0) {
        self.name = name
        value = linux_hv_value(low: low, high: high)
    }
}

extension Errno {
    /// Whether the same call may succeed at once: a signal came, or the kernel has given the
    /// hypervisor memory that it lacked.
    fileprivate var passes: Bool { code == EINTR || code == EAGAIN }
}
