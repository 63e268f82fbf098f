/// I/O ports (PIO).
public typealias PortBus = Bus<UInt16>
/// Guest-physical addresses outside memory (MMIO).
public typealias MemoryBus = Bus<UInt64>

/// A bus: the address ranges that a guest's devices respond to.
///
/// Devices claim their ranges before the guest runs; after that the bus is immutable, so that vCPUs
/// look devices up without a lock.
public struct Bus<Address: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
    private struct Claim: Sendable {
        let range: ClosedRange<Address>
        let device: any BusDevice
    }

    /// Unsorted, since a guest has few devices.
    private var claims: [Claim] = []

    public init() {}

    /// Assigns accesses that begin in `range` to a device.
    ///
    /// - Throws: if another device has part of it.
    public mutating func claim(
        _ range: ClosedRange<Address>, for device: any BusDevice
    ) throws(TenderError) {
        for claim in claims where claim.range.overlaps(range) {
            throw .failed(
                "a device can't have \(Self.text(range)): another one has \(Self.text(claim.range))"
            )
        }
        claims.append(Claim(range: range, device: device))
    }

    private static func text(_ range: ClosedRange<Address>) -> String {
        "\(hexadecimal(UInt64(range.lowerBound)))-\(hexadecimal(UInt64(range.upperBound)))"
    }

    /// - Returns: nil if no device has claimed the address.
    @inline(__always)
    public func read(_ address: Address, width: UInt8) -> UInt64? {
        for index in claims.indices where claims[index].range.contains(address) {
            let offset = UInt64(address - claims[index].range.lowerBound)
            return claims[index].device.read(at: offset, width: width)
        }
        return nil
    }

    /// - Returns: whether a device has claimed the address.
    @inline(__always)
    public func write(_ value: UInt64, to address: Address, width: UInt8) -> Bool {
        for index in claims.indices where claims[index].range.contains(address) {
            let offset = UInt64(address - claims[index].range.lowerBound)
            claims[index].device.write(value, at: offset, width: width)
            return true
        }
        return false
    }
}

/// The two buses of a guest.
public struct Buses: Sendable {
    public var ports = PortBus()
    public var memory = MemoryBus()

    public init() {}
}
