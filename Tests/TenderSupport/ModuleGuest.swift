import Linux

@testable import Tender

/// A guest without a machine: its memory, its devices, and the hypercalls it makes of one module.
public struct ModuleGuest {
    /// Where the argument of a hypercall and its buffer lie.
    public static let argument = GuestAddress(0x1004)
    public static let buffer = GuestAddress(0x2000)

    public var launch: Launch
    public let memory: GuestMemory

    /// - Parameters:
    ///   - options: such as `["block:disk": "/path"]`, in order.
    ///   - count: the size of its memory, in bytes.
    public init(
        _ module: any Module, _ options: KeyValuePairs<String, String> = [:],
        devices: [ManifestEntry] = [], count: UInt64 = 1 << 20
    ) throws {
        let given = options.map { name, value in
            let parts = name.split(separator: ":")
            return OptionValue(
                name: String(parts[0]), device: parts.count > 1 ? String(parts[1]) : "",
                value: value)
        }
        launch = Launch(options: given, devices: ApplicationManifest(devices: devices))
        memory = try GuestMemory(count: count)
        try module.attach(to: &launch)
    }

    /// - Returns: the argument as the module left it, and what becomes of the guest.
    public func call<Argument: BitwiseCopyable>(
        _ number: Int32, _ argument: Argument
    ) throws(GuestFault) -> (Argument, Outcome) {
        try memory.store(argument, at: Self.argument)
        launch.deferral?.finish(before: Int(number))
        let outcome = try launch.dispatch.serve(
            Int(number), argument: Self.argument, memory: memory)
        return (try memory.load(Argument.self, at: Self.argument), outcome)
    }

    public func fill(
        _ bytes: [UInt8], at address: GuestAddress = buffer
    ) throws(GuestFault) {
        try memory.place(bytes, at: address.value)
    }

    public func bytes(
        _ count: Int, at address: GuestAddress = buffer
    ) throws(GuestFault) -> [UInt8] {
        memory.bytes(in: try memory.range(at: address, count: UInt64(count), for: .read))
    }

    /// The error that attaching ends with.
    public static func refusal(_ attach: () throws -> ModuleGuest) -> ModuleError? {
        do {
            _ = try attach()
            return nil
        } catch {
            return error as? ModuleError
        }
    }
}
