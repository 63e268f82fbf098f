import Architecture
import CLinux
import Linux

// KVM_GET_XSAVE and KVM_SET_XSAVE (KVM API 4.42, 4.43), since KVM_GET_FPU omits MXCSR.
extension KVMVCPU {
    public func floatingPoint() throws(HypervisorError) -> FloatingPointState {
        try extendedState().floatingPoint
    }

    public func setFloatingPoint(_ state: FloatingPointState) throws(HypervisorError) {
        var area = try extendedState()
        area.take(state)
        try exchange(LINUX_KVM_SET_XSAVE, &area, "set the floating point registers")
    }

    private func extendedState() throws(HypervisorError) -> ExtendedState {
        var area = ExtendedState()
        try exchange(LINUX_KVM_GET_XSAVE, &area, "read the floating point registers")
        return area
    }

    private func exchange(
        _ request: UInt, _ area: inout ExtendedState, _ operation: String
    ) throws(HypervisorError) {
        // The kernel reads or fills in sizeof(struct kvm_xsave) bytes.
        let result = unsafe area.bytes.withUnsafeMutableBufferPointer {
            unsafe linux_ioctl(descriptor.number, request, $0.baseAddress)
        }
        guard result == 0 else { throw .failed(operation: operation, .current) }
    }
}

/// The XSAVE area in its standard format (Intel SDM volume 1, 13.4); begins with the FXSAVE area,
/// as described in 10.5.1.
struct ExtendedState {
    fileprivate(set) var bytes = [UInt8](repeating: 0, count: MemoryLayout<kvm_xsave>.size)

    /// Offsets, in bytes.
    private enum Offset {
        static var control: Int { 0 }
        static var status: Int { 2 }
        static var tags: Int { 4 }
        static var opcode: Int { 6 }
        static var instruction: Int { 8 }
        static var operand: Int { 16 }
        static var vectorControl: Int { 24 }
        static var stack: Int { 32 }
        static var vectors: Int { 160 }
        /// XSTATE_BV: a bit for each state component that is not in its initial configuration.
        static var parts: Int { 512 }
    }

    private static var floatingPointAndVectors: UInt64 { 3 }

    var floatingPoint: FloatingPointState {
        var state = FloatingPointState()
        state.control = load(Offset.control)
        state.status = load(Offset.status)
        state.tags = load(Offset.tags)
        state.opcode = load(Offset.opcode)
        state.instruction = load(Offset.instruction)
        state.operand = load(Offset.operand)
        state.vectorControl = load(Offset.vectorControl)
        for index in state.stack.indices {
            let start = Offset.stack + 16 * index
            state.stack[index] = Array(bytes[start..<start + 10])
        }
        for index in state.vectors.indices {
            let start = Offset.vectors + 16 * index
            state.vectors[index] = Array(bytes[start..<start + 16])
        }
        return state
    }

    mutating func take(_ state: FloatingPointState) {
        store(state.control, at: Offset.control)
        store(state.status, at: Offset.status)
        store(state.tags, at: Offset.tags)
        store(state.opcode, at: Offset.opcode)
        store(state.instruction, at: Offset.instruction)
        store(state.operand, at: Offset.operand)
        store(state.vectorControl, at: Offset.vectorControl)
        for (index, register) in state.stack.prefix(8).enumerated() {
            store(register.prefix(10), at: Offset.stack + 16 * index)
        }
        for (index, vector) in state.vectors.prefix(16).enumerated() {
            store(vector.prefix(16), at: Offset.vectors + 16 * index)
        }
        store(load(Offset.parts) | Self.floatingPointAndVectors, at: Offset.parts)
    }

    private func load<Value: FixedWidthInteger>(_ offset: Int) -> Value {
        bytes[offset..<offset + MemoryLayout<Value>.size].reversed().reduce(0) {
            $0 << 8 | Value(truncatingIfNeeded: $1)
        }
    }

    private mutating func store<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
        for index in 0..<MemoryLayout<Value>.size {
            bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * Value(index)))
        }
    }

    private mutating func store(_ register: ArraySlice<UInt8>, at offset: Int) {
        for (index, byte) in register.enumerated() { bytes[offset + index] = byte }
    }
}
