/// The negotiated state of the device: status, features, queues (virtio 2.1, 2.2 and 3.1).
///
/// From DRIVER_OK on only a reset changes it, so that earlier checks stay valid.
struct DriverState {
    /// The effect of a write to the status register.
    enum Step: Equatable {
        case none
        case reset
        /// The driver is ready (DRIVER_OK): serve the queues.
        case start
        /// The driver has given up (FAILED).
        case stop
        case fault(VirtioFault)
    }

    let transport: VirtioTransport
    private let offered: UInt64
    private(set) var status: UInt8 = 0
    private var accepted: UInt64 = 0
    private(set) var queues = [QueueSetup](repeating: QueueSetup(), count: QueueIndex.count)

    // The selector registers.
    var offeredSelector: UInt32 = 0
    var acceptedSelector: UInt32 = 0
    var queueSelector: UInt16 = 0

    init(_ transport: VirtioTransport, features: UInt64) {
        self.transport = transport
        offered = features | (transport == .modern ? Feature.version1 : 0)
    }

    private var isFrozen: Bool {
        status & (DeviceStatus.driverOK | DeviceStatus.needsReset | DeviceStatus.failed) != 0
    }

    // MARK: Status

    mutating func writeStatus(_ value: UInt8) -> Step {
        if value == 0 {
            self = DriverState(transport, features: offered)
            return .reset
        }
        if value & DeviceStatus.failed != 0 {
            status |= DeviceStatus.failed
            return .stop
        }
        guard status & (DeviceStatus.needsReset | DeviceStatus.failed) == 0, value != status else {
            return .none
        }
        return transport == .modern ? advance(to: value) : collect(value)
    }

    /// Advances by one step of the initialisation only.
    private mutating func advance(to value: UInt8) -> Step {
        guard value == status | nextStep else { return .fault(.status(from: status, to: value)) }
        // A device refuses features by leaving FEATURES_OK clear (virtio 3.1.1).
        if nextStep == DeviceStatus.featuresOK, !areFeaturesAcceptable { return .none }
        status = value
        return value & DeviceStatus.driverOK != 0 ? .start : .none
    }

    private var nextStep: UInt8 {
        switch status {
        case 0: DeviceStatus.acknowledge
        case DeviceStatus.acknowledge: DeviceStatus.driver
        case DeviceStatus.acknowledge | DeviceStatus.driver: DeviceStatus.featuresOK
        default: DeviceStatus.driverOK
        }
    }

    private var areFeaturesAcceptable: Bool {
        accepted & ~offered == 0 && accepted & Feature.version1 != 0
    }

    /// Legacy drivers set the bits in any order (virtio 0.9.5, 2.2.2.1).
    private mutating func collect(_ value: UInt8) -> Step {
        let known = DeviceStatus.acknowledge | DeviceStatus.driver | DeviceStatus.driverOK
        let wasReady = status & DeviceStatus.driverOK != 0
        status |= value & known
        return !wasReady && status & DeviceStatus.driverOK != 0 ? .start : .none
    }

    mutating func needsReset() {
        status |= DeviceStatus.needsReset
    }

    // MARK: Features

    var offeredWord: UInt32 { Self.word(of: offered, offeredSelector) }
    var acceptedWord: UInt32 { Self.word(of: accepted, acceptedSelector) }

    mutating func accept(_ word: UInt32) {
        guard !isFrozen, status & DeviceStatus.featuresOK == 0, acceptedSelector < 2 else { return }
        let shift = UInt64(acceptedSelector) * 32
        accepted = accepted & ~(0xFFFF_FFFF << shift) | UInt64(word) << shift
    }

    private static func word(of features: UInt64, _ selector: UInt32) -> UInt32 {
        selector < 2 ? UInt32(truncatingIfNeeded: features >> (UInt64(selector) * 32)) : 0
    }

    // MARK: Queues

    /// The selected queue; nil if the number is out of range.
    var queue: QueueSetup? {
        queueSelector < QueueIndex.count ? queues[Int(queueSelector)] : nil
    }

    /// Changes the selected queue, unless the state is frozen.
    mutating func changeQueue(_ change: (inout QueueSetup) -> Void) {
        guard !isFrozen, queueSelector < QueueIndex.count else { return }
        change(&queues[Int(queueSelector)])
    }
}
