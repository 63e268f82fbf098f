import ABI

/// Serves one hypercall: its argument lies at `argument` in `memory`.
public typealias HypercallHandler =
    (_ argument: GuestAddress, _ memory: GuestMemory) throws(GuestFault) -> Outcome

/// What happens to the guest after a hypercall.
public enum Outcome: Equatable, Sendable {
    case resume
    case halt(Halt)
}

/// How a guest ended.
public struct Halt: Equatable, Sendable {
    /// As the guest gave it; its low 8 bits become the tender's exit status.
    public let exitStatus: Int32
    /// Where the guest left word about its end, or 0. Checked to be memory.
    public let cookie: GuestAddress

    public init(exitStatus: Int32, cookie: GuestAddress) {
        self.exitStatus = exitStatus
        self.cookie = cookie
    }
}

/// Who serves which hypercall: a handler a number.
public struct DispatchTable {
    /// One more than the highest number that a handler can have. The guest ABI knows fewer; the
    /// rest is room for modules of one's own.
    package static let count = 16

    private var handlers = [HypercallHandler?](repeating: nil, count: count)
    /// The names of the modules whose handlers these are.
    private var owners = [String?](repeating: nil, count: count)

    /// - Parameter module: the name of the module whose handler it is.
    mutating func register(
        _ number: Int32, of module: String, _ handler: @escaping HypercallHandler
    ) throws(DispatchError) {
        let index = Int(number)
        guard handlers.indices.contains(index) else {
            throw .outOfRange(number: number, module: module)
        }
        if let owner = owners[index] {
            throw .taken(number: number, by: owner, module: module)
        }
        handlers[index] = handler
        owners[index] = module
    }

    /// The same table, with each handler replaced; where there is none, by one made of what faults.
    func wrapped(
        _ wrap: (_ number: Int32, _ handler: @escaping HypercallHandler) -> HypercallHandler
    ) -> DispatchTable {
        var table = self
        for (number, handler) in handlers.enumerated() {
            let refuse: HypercallHandler = { (_, _) throws(GuestFault) in
                throw .hypercall(number: number)
            }
            var served = refuse
            if let handler { served = handler }
            table.handlers[number] = wrap(Int32(number), served)
        }
        return table
    }

    /// Serves hypercall `number`.
    @inline(__always)
    public func serve(
        _ number: Int, argument: GuestAddress, memory: GuestMemory
    ) throws(GuestFault) -> Outcome {
        guard number >= 0, number < handlers.count, let handler = handlers[number] else {
            throw .hypercall(number: number)
        }
        return try handler(argument, memory)
    }
}

/// Why a module can't serve a hypercall: a fault of the build, and not of the launch.
enum DispatchError: Error, Equatable, CustomStringConvertible {
    case outOfRange(number: Int32, module: String)
    case taken(number: Int32, by: String, module: String)

    var description: String {
        switch self {
        case .outOfRange(let number, let module):
            "module \(module) serves hypercall \(number), and there are 0 to "
                + "\(DispatchTable.count - 1): give it another number"
        case .taken(let number, let owner, let module):
            "modules \(owner) and \(module) both serve hypercall \(number): "
                + "build with one of them"
        }
    }
}
