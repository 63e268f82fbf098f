import ABI

/// Serves one hypercall: its argument lies at `argument` in `memory`.
public typealias HypercallHandler =
    (_ argument: GuestAddress, _ memory: GuestMemory) throws(GuestFault) -> Outcome

/// Who serves which hypercall: a handler a number.
public struct DispatchTable {
    /// One more than the highest number that a handler can have. The guest ABI knows fewer; the
    /// rest is room for modules of one's own.
    package static let count = 16

    /// A function that is an element or an optional by itself takes its arguments by address, through
    /// a function in between.
    private struct Entry {
        let handler: HypercallHandler
        /// The name of the module whose handler it is.
        let owner: String
    }

    private var entries = [Entry?](repeating: nil, count: count)

    /// - Parameter module: the name of the module whose handler it is.
    mutating func register(
        _ number: Int32, of module: String, _ handler: @escaping HypercallHandler
    ) throws(DispatchError) {
        let index = Int(number)
        guard entries.indices.contains(index) else {
            throw .outOfRange(number: number, module: module)
        }
        if let owner = entries[index]?.owner {
            throw .taken(number: number, by: owner, module: module)
        }
        entries[index] = Entry(handler: handler, owner: module)
    }

    /// Who serves hypercall `number`; one that nobody serves is a fault.
    fileprivate func handler(of number: Int) -> HypercallHandler {
        guard entries.indices.contains(number), let entry = entries[number] else {
            return { (_, _) throws(GuestFault) in throw .hypercall(number: number) }
        }
        return entry.handler
    }

    /// The same table, with each handler replaced, also where there is none and a call faults.
    func wrapped(
        _ wrap: (_ number: Int32, _ handler: @escaping HypercallHandler) -> HypercallHandler
    ) -> DispatchTable {
        var table = self
        for number in entries.indices {
            table.entries[number] = Entry(
                handler: wrap(Int32(number), handler(of: number)),
                owner: entries[number]?.owner ?? "")
        }
        return table
    }

    /// Serves hypercall `number`.
    public func serve(
        _ number: Int, argument: GuestAddress, memory: GuestMemory
    ) throws(GuestFault) -> Outcome {
        try handler(of: number)(argument, memory)
    }
}

/// A dispatch table for the run loop, complete and unchangeable.
///
/// The handlers are constants of an object that can't be copied, so that calling one retains nothing.
public final class HypercallServer {
    private struct Entry: ~Copyable {
        let handler: HypercallHandler
    }

    // `DispatchTable.count` of them.
    private let entries: InlineArray<16, Entry>

    public init(_ table: DispatchTable) {
        entries = InlineArray { number in Entry(handler: table.handler(of: number)) }
    }

    /// As the table does.
    @inline(__always)
    public func serve(
        _ number: Int, argument: GuestAddress, memory: GuestMemory
    ) throws(GuestFault) -> Outcome {
        guard number >= 0, number < 16 else { throw .hypercall(number: number) }
        return try entries[number].handler(argument, memory)
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
