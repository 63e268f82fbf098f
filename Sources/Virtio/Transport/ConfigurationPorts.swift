/// PCI configuration mechanism 1: an address port and a data port, for the one function that
/// there is, 00:00.0.
struct ConfigurationPorts {
    static let range: ClosedRange<UInt16> = 0xCF8...0xCFF
    private static let addressPort: UInt16 = 0xCF8
    private static let dataPort: UInt16 = 0xCFC
    /// Without this bit the data port leads nowhere.
    private static let enable: UInt32 = 1 << 31
    private static let busDeviceFunction: UInt32 = 0x00FF_FF00
    private static let register: UInt32 = 0xFC

    private var address: UInt32 = 0
    private(set) var space: ConfigurationSpace

    init(_ face: VirtioNetwork.Face) {
        space = ConfigurationSpace(face)
    }

    func read(port: UInt16, width: UInt8) -> UInt32 {
        if port == Self.addressPort, width == 4 { return address }
        let nothing = UInt32(truncatingIfNeeded: allOnes(width: width))
        guard let access = access(port, width) else { return nothing }
        return UInt32(truncatingIfNeeded: space.read(access))
    }

    mutating func write(port: UInt16, width: UInt8, value: UInt32) {
        if port == Self.addressPort, width == 4 {
            address = value
        } else if let access = access(port, width) {
            space.write(access, UInt64(value))
        }
    }

    /// What an access to the data port is one to, if to anything.
    private func access(_ port: UInt16, _ width: UInt8) -> RegisterAccess? {
        guard port >= Self.dataPort, port <= Self.range.upperBound, width <= 4,
            address & Self.enable != 0, address & Self.busDeviceFunction == 0
        else { return nil }
        let lane = Int(port - Self.dataPort)
        guard lane + Int(width) <= 4 else { return nil }
        return RegisterAccess(offset: Int(address & Self.register) + lane, width: width)
    }
}
