import Bytes
import JSON

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
    init(_ source: [UInt8], from file: String) throws(ElftoolError) {
        let root: JSONValue
        do throws(TextError) {
            root = try JSONReader.read(source)
        } catch {
            throw .source(file: file, line: error.line, message: error.text)
        }
        try self.init(root, from: file)
    }

    private init(_ root: JSONValue, from file: String) throws(ElftoolError) {
        let check = Check(file: file)
        let members = try check.object(root, at: "(root)", keys: ["type", "version", "devices"])
        guard try check.string(members[0], at: ".type").spell("solo5.manifest") else {
            throw check.failure(members[0].line, ".type: expected \"solo5.manifest\"")
        }
        guard members[1].integer == 1 else {
            throw check.failure(members[1].line, ".version: expected the integer 1")
        }
        let elements = try check.array(members[2], at: ".devices[]")
        if elements.count > Self.maximumDevices {
            throw check.failure(
                elements[Self.maximumDevices].line,
                ".devices[]: too many entries, maximum \(Self.maximumDevices)")
        }
        var devices: [Device] = []
        for element in elements {
            devices.append(try Self.device(element, check, after: devices))
        }
        self.devices = devices
    }

    private static func device(
        _ element: JSONValue, _ check: Check, after earlier: [Device]
    ) throws(ElftoolError) -> Device {
        let members = try check.object(element, at: ".devices[]", keys: ["name", "type"])
        let name = try check.string(members[0], at: ".devices[].name")
        guard 1...maximumNameLength ~= name.count, name.allSatisfy(isAlphanumeric) else {
            throw check.failure(
                members[0].line,
                ".devices[].name: expected 1 to \(maximumNameLength) ASCII letters and digits")
        }
        if earlier.contains(where: { $0.name == name }) {
            throw check.failure(members[0].line, ".devices[].name: duplicate name: \(name.shown)")
        }
        let type = try check.string(members[1], at: ".devices[].type")
        if type.spell("BLOCK_BASIC") { return Device(name: name, type: .block) }
        if type.spell("NET_BASIC") { return Device(name: name, type: .net) }
        throw check.failure(members[1].line, ".devices[].type: unknown device type: \(type.shown)")
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

/// Checks the types and keys of values; `path` is a value's path in the manifest, for messages.
private struct Check {
    let file: String

    func failure(_ line: Int, _ message: String) -> ElftoolError {
        .source(file: file, line: line, message: message)
    }

    /// The values of an object with exactly the keys `keys`, in their order.
    func object(
        _ object: JSONValue, at path: String, keys: [String]
    ) throws(ElftoolError) -> [JSONValue] {
        guard case .object(let members) = object.content else {
            throw mismatch(object, path, "object")
        }
        var found: [JSONValue?] = Array(repeating: nil, count: keys.count)
        for member in members {
            guard let index = keys.firstIndex(where: { member.key.spell($0) }) else {
                throw failure(member.line, "\(path): unknown key: \(member.key.shown)")
            }
            found[index] = member.value
        }
        var values: [JSONValue] = []
        for (key, value) in zip(keys, found) {
            guard let value else {
                throw failure(object.line, "\(path): missing key: \(key)")
            }
            values.append(value)
        }
        return values
    }

    func array(_ value: JSONValue, at path: String) throws(ElftoolError) -> [JSONValue] {
        guard case .array(let elements) = value.content else {
            throw mismatch(value, path, "array")
        }
        return elements
    }

    func string(_ value: JSONValue, at path: String) throws(ElftoolError) -> [UInt8] {
        guard case .string(let text) = value.content else {
            throw mismatch(value, path, "string")
        }
        return text
    }

    private func mismatch(_ value: JSONValue, _ path: String, _ kind: String) -> ElftoolError {
        failure(value.line, "\(path): expected \(kind), got \(value.kind)")
    }
}
