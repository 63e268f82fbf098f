/// The common configuration of the modern transport (virtio 4.1.4.3).
enum ModernRegisters {
    /// VIRTIO_MSI_NO_VECTOR: the device has no MSI-X.
    private static let noVector: UInt32 = 0xFFFF

    static func word(_ index: Int, of state: DriverState) -> UInt32 {
        let queue = state.queue
        switch index {
        case 0: return state.offeredSelector
        case 1: return state.offeredWord
        case 2: return state.acceptedSelector
        case 3: return state.acceptedWord
        case 4: return noVector | UInt32(QueueIndex.count) << 16
        case 5: return UInt32(state.status) | UInt32(state.queueSelector) << 16
        case 6: return UInt32(queue?.size ?? 0) | noVector << 16
        case 7:
            let isEnabled: UInt32 = queue?.isEnabled == true ? 1 : 0
            let notificationOffset = queue == nil ? 0 : UInt32(state.queueSelector)
            return isEnabled | notificationOffset << 16
        case 8: return UInt32(truncatingIfNeeded: queue?.descriptors ?? 0)
        case 9: return UInt32(truncatingIfNeeded: (queue?.descriptors ?? 0) >> 32)
        case 10: return UInt32(truncatingIfNeeded: queue?.available ?? 0)
        case 11: return UInt32(truncatingIfNeeded: (queue?.available ?? 0) >> 32)
        case 12: return UInt32(truncatingIfNeeded: queue?.used ?? 0)
        case 13: return UInt32(truncatingIfNeeded: (queue?.used ?? 0) >> 32)
        default: return 0
        }
    }

    /// Drivers write each register at its full width, and 64-bit ones possibly in two halves
    /// (virtio 4.1.3.1). Other writes are ignored.
    static func write(
        _ access: RegisterAccess, _ value: UInt64, to state: inout DriverState
    ) -> DriverState.Step {
        switch (access.offset, access.width) {
        case (0x00, 4): state.offeredSelector = UInt32(truncatingIfNeeded: value)
        case (0x08, 4): state.acceptedSelector = UInt32(truncatingIfNeeded: value)
        case (0x0C, 4): state.accept(UInt32(truncatingIfNeeded: value))
        case (0x14, 1): return state.writeStatus(UInt8(truncatingIfNeeded: value))
        case (0x16, 2): state.queueSelector = UInt16(truncatingIfNeeded: value)
        case (0x18, 2): change(&state) { $0.size = UInt16(truncatingIfNeeded: value) }
        case (0x1C, 2): change(&state) { $0.isEnabled = value & 0xFFFF == 1 }
        case (0x20...0x37, 4), (0x20...0x37, 8): place(access, value, &state)
        default: break
        }
        return .none
    }

    /// Changes the selected queue, unless it is enabled.
    private static func change(_ state: inout DriverState, _ body: (inout QueueSetup) -> Void) {
        state.changeQueue { queue in
            if !queue.isEnabled { body(&queue) }
        }
    }

    private static func place(
        _ access: RegisterAccess, _ value: UInt64, _ state: inout DriverState
    ) {
        let isWhole = access.width == 8
        guard access.offset % access.width == 0 else { return }
        let shift = UInt64(access.offset % 8 * 8)
        let mask: UInt64 = isWhole ? .max : 0xFFFF_FFFF << shift
        let bits = value << shift & mask
        change(&state) { queue in
            switch access.offset / 8 {
            case 4: queue.descriptors = queue.descriptors & ~mask | bits
            case 5: queue.available = queue.available & ~mask | bits
            default: queue.used = queue.used & ~mask | bits
            }
        }
    }
}
