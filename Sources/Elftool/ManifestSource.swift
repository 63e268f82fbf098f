import Bytes
import JSON
import Programs

/// The devices that a guest declares, parsed from a valid manifest.
struct ManifestSource {
    /// The kinds of device that a tender can attach.
    enum DeviceType {
        case block
        case net
    }

    struct Device {
        /// 1 to 67 ASCII letters and digits, which need no escaping.
        let name: [UInt8]
        let type: DeviceType
    }

    /// One less than the entries of a note, of which the first is reserved.
    static let maximumDevices = 63
    static let maximumNameLength = 67

    let devices: [Device]

    /// Parses `source`, the contents of `file`, a name for messages.
    init(_ source: [UInt8], from file: String) throws(CommandError) {
        do throws(TextError) {
            try self.init(JSONReader.read(source))
        } catch {
            throw CommandError("\(file):\(error.line): \(error.text)")
        }
    }

    private init(_ root: JSONValue) throws(TextError) {
        let members = try root.object(at: "(root)", keys: ["type", "version", "devices"])
        guard try members[0].string(at: ".type").spell("solo5.manifest") else {
            throw members[0].failure(".type: expected \"solo5.manifest\"")
        }
        guard members[1].integer == 1 else {
            throw members[1].failure(".version: expected the integer 1")
        }
        let elements = try members[2].array(at: ".devices[]")
        if elements.count > Self.maximumDevices {
            throw elements[Self.maximumDevices].failure(
                ".devices[]: too many entries, maximum \(Self.maximumDevices)")
        }
        var devices: [Device] = []
        for element in elements {
            devices.append(try Self.device(element, after: devices))
        }
        self.devices = devices
    }

    private static func device(
        _ element: JSONValue, after earlier: [Device]
    ) throws(TextError) -> Device {
        let members = try element.object(at: ".devices[]", keys: ["name", "type"])
        let name = try members[0].string(at: ".devices[].name")
        guard 1...maximumNameLength ~= name.count, name.allSatisfy(isAlphanumeric) else {
            throw members[0].failure(
                ".devices[].name: expected 1 to \(maximumNameLength) ASCII letters and digits")
        }
        if earlier.contains(where: { $0.name == name }) {
            throw members[0].failure(".devices[].name: duplicate name: \(name.shown)")
        }
        let type = try members[1].string(at: ".devices[].type")
        if type.spell("BLOCK_BASIC") { return Device(name: name, type: .block) }
        if type.spell("NET_BASIC") { return Device(name: name, type: .net) }
        throw members[1].failure(".devices[].type: unknown device type: \(type.shown)")
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}

/// Checks of types and keys; `path` is a value's path in the manifest, for messages.
extension JSONValue {
    fileprivate func failure(_ text: String) -> TextError { TextError(text, line: line) }

    /// The values of an object with exactly the keys `keys`, in their order.
    fileprivate func object(at path: String, keys: [String]) throws(TextError) -> [JSONValue] {
        guard case .object(let members) = content else { throw mismatch(path, "object") }
        var found: [JSONValue?] = Array(repeating: nil, count: keys.count)
        for member in members {
            guard let index = keys.firstIndex(where: { member.key.spell($0) }) else {
                throw TextError("\(path): unknown key: \(member.key.shown)", line: member.line)
            }
            found[index] = member.value
        }
        var values: [JSONValue] = []
        for (key, value) in zip(keys, found) {
            guard let value else { throw failure("\(path): missing key: \(key)") }
            values.append(value)
        }
        return values
    }

    fileprivate func array(at path: String) throws(TextError) -> [JSONValue] {
        guard case .array(let elements) = content else { throw mismatch(path, "array") }
        return elements
    }

    fileprivate func string(at path: String) throws(TextError) -> [UInt8] {
        guard case .string(let text) = content else { throw mismatch(path, "string") }
        return text
    }

    private func mismatch(_ path: String, _ expected: String) -> TextError {
        failure("\(path): expected \(expected), got \(kind)")
    }
}
