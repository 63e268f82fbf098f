/// PCI configuration mechanism 1: an address port and a data port, for the bus's only function.
struct ConfigurationPorts {
    static let range: ClosedRange<UInt16> = 0xCF8...0xCFF
    /// The offset of the data port from the address port.
    private static let dataPort: UInt64 = 4
    /// The enable bit of the address port.
    private static let enable: UInt32 = 1 << 31
    private static let busDeviceFunction: UInt32 = 0x00FF_FF00
    private static let deviceShift: UInt32 = 11
    private static let register: UInt32 = 0xFC

    private let function: UInt32
    private var address: UInt32 = 0
    private(set) var space: ConfigurationSpace

    init(_ transport: VirtioTransport, _ placement: PCIPlacement) {
        function = UInt32(placement.slot) << Self.deviceShift
        space = ConfigurationSpace(transport, placement)
    }

    /// - Parameter offset: the offset from the first port of `range`.
    func read(at offset: UInt64, width: UInt8) -> UInt64 {
        if offset == 0, width == 4 { return UInt64(address) }
        guard let access = access(offset, width) else { return allOnes(width: width) }
        return space.read(access)
    }

    mutating func write(_ value: UInt64, at offset: UInt64, width: UInt8) {
        if offset == 0, width == 4 {
            address = UInt32(truncatingIfNeeded: value)
        } else if let access = access(offset, width) {
            space.write(access, value)
        }
    }

    /// The access to configuration space that an access to the data port makes, if any.
    private func access(_ offset: UInt64, _ width: UInt8) -> RegisterAccess? {
        guard offset >= Self.dataPort, width <= 4, address & Self.enable != 0,
            address & Self.busDeviceFunction == function
        else { return nil }
        let lane = Int(offset - Self.dataPort)
        guard lane + Int(width) <= 4 else { return nil }
        return RegisterAccess(offset: Int(address & Self.register) + lane, width: width)
    }
}
