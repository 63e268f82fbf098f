import ABI

/// A type of device that a Solo5 application manifest can declare (`MANIFEST_*` in abi/notes.h).
public struct DeviceType: Equatable, Sendable, CustomStringConvertible {
    public let number: UInt32

    package init(number: UInt32) {
        self.number = number
    }

    public static let block = DeviceType(number: UInt32(MANIFEST_BLOCK_BASIC))
    public static let net = DeviceType(number: UInt32(MANIFEST_NET_BASIC))
    package static let reservedFirst = DeviceType(number: UInt32(MANIFEST_RESERVED_FIRST))

    /// Whether it is a device type, not a reserved entry.
    public var isDevice: Bool { number < Self.reservedFirst.number }

    public var description: String {
        switch self {
        case .block: "BLOCK_BASIC"
        case .net: "NET_BASIC"
        default: "<undefined type>"
        }
    }
}

/// A device that the guest declares, with the facts that the tender fills in.
public struct ManifestEntry: Equatable, Sendable {
    /// As in the manifest note: up to 67 arbitrary bytes.
    package let nameBytes: [UInt8]
    public let type: DeviceType
    /// The facts as stored in memory: a `manifest_block` or a `manifest_net`, 16 bytes.
    package private(set) var facts: (UInt64, UInt64)
    /// Whether a module serves it.
    public var isAttached = false

    /// - Parameter name: truncated to 67 bytes, the capacity of a manifest entry.
    public init(name: String, type: DeviceType) {
        let room = Int(MANIFEST_NAME_SIZE) - 1
        self.init(nameBytes: Array(name.utf8.prefix(room)), type: type, facts: (0, 0))
    }

    package init(nameBytes: [UInt8], type: DeviceType, facts: (UInt64, UInt64)) {
        self.nameBytes = nameBytes
        self.type = type
        self.facts = facts
    }

    public var name: String { String(decoding: nameBytes, as: UTF8.self) }

    /// A block device's size in bytes.
    public var capacity: UInt64 {
        get { facts.0 }
        set { facts.0 = newValue }
    }

    /// A block device's sector size in bytes; 0 until a module sets it.
    public var blockSize: UInt16 {
        get { UInt16(truncatingIfNeeded: facts.1) }
        set { facts.1 = facts.1 & ~0xFFFF | UInt64(newValue) }
    }

    /// A network device's MAC address, first byte first; all 0 until a module sets it.
    public var mac: [UInt8] {
        get { (0..<6).map { UInt8(truncatingIfNeeded: facts.0 >> ($0 * 8)) } }
        set {
            facts.0 &= 0xFFFF << 48
            for (index, byte) in newValue.prefix(6).enumerated() {
                facts.0 |= UInt64(byte) << (UInt64(index) * 8)
            }
        }
    }

    /// The MTU in bytes, without the 14 bytes of the Ethernet header.
    public var mtu: UInt16 {
        get { UInt16(truncatingIfNeeded: facts.0 >> 48) }
        set { facts.0 = facts.0 & 0xFFFF_FFFF_FFFF | UInt64(newValue) << 48 }
    }

    public static func == (left: ManifestEntry, right: ManifestEntry) -> Bool {
        left.nameBytes == right.nameBytes && left.type == right.type && left.facts == right.facts
            && left.isAttached == right.isAttached
    }
}

/// The devices that a guest declares. A device's index is the handle that the guest uses.
public struct ApplicationManifest: Equatable, Sendable {
    /// Entry 0 is reserved and no device.
    public private(set) var entries: [ManifestEntry]

    /// A manifest of these devices, whose handles count from 1.
    public init(devices: [ManifestEntry]) {
        entries = [ManifestEntry(name: "", type: .reservedFirst)] + devices
    }

    package init(entries: [ManifestEntry]) {
        self.entries = entries
    }

    /// The handle of the first device with this name and type.
    public func handle(named name: String, type: DeviceType) -> Int? {
        entries.firstIndex { $0.type == type && $0.nameBytes.elementsEqual(name.utf8) }
    }

    public func names(of type: DeviceType) -> [String] {
        entries.filter { $0.type == type }.map { $0.name }
    }

    /// The devices, without the reserved entry.
    public var devices: [ManifestEntry] { entries.filter { $0.type.isDevice } }

    /// The entry with this handle, which must be one of `handle`'s.
    public subscript(handle: Int) -> ManifestEntry {
        get { entries[handle] }
        set { entries[handle] = newValue }
    }
}
