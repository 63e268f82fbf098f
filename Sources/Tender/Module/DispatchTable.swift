import ABI

/// A handler of one hypercall: its argument is at `argument` in `memory`.
public typealias HypercallHandler =
    (_ argument: GuestAddress, _ memory: GuestMemory) throws(GuestFault) -> Outcome

/// The hypercall handlers, by number.
public struct DispatchTable {
    /// One more than the highest number that a handler can have. The hvt ABI has fewer; the rest is
    /// for custom modules.
    package static let count = 16

    /// A struct, since a closure stored directly in an array or optional is called through a
    /// reabstraction thunk, with indirect arguments.
    private struct Entry {
        let handler: HypercallHandler
        /// The name of the module whose handler it is.
        let owner: String
    }

    private var entries = [Entry?](repeating: nil, count: count)

    /// Errors here are errors of the build, not of the launch.
    ///
    /// - Parameter module: the name of the module whose handler it is.
    mutating func register(
        _ number: Int32, of module: String, _ handler: @escaping HypercallHandler
    ) throws(ModuleError) {
        let index = Int(number)
        guard entries.indices.contains(index) else {
            throw ModuleError(
                "module \(module) serves hypercall \(number), and there are 0 to "
                    + "\(Self.count - 1): give it another number")
        }
        if let owner = entries[index]?.owner {
            throw ModuleError(
                "modules \(owner) and \(module) both serve hypercall \(number): "
                    + "build with one of them")
        }
        entries[index] = Entry(handler: handler, owner: module)
    }

    /// The handler of hypercall `number`; one without a handler is a guest fault.
    fileprivate func handler(of number: Int) -> HypercallHandler {
        guard entries.indices.contains(number), let entry = entries[number] else {
            return { (_, _) throws(GuestFault) in throw .hypercall(number: number) }
        }
        return entry.handler
    }

    /// The same table, with each handler wrapped, including the fault of numbers without one.
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

/// An immutable dispatch table for the run loop.
///
/// The handlers are constants of a noncopyable type, so that a call does no reference counting.
public final class HypercallServer {
    private struct Entry: ~Copyable {
        let handler: HypercallHandler
    }

    // `DispatchTable.count` of them.
    private let entries: InlineArray<16, Entry>

    public init(_ table: DispatchTable) {
        entries = InlineArray { number in Entry(handler: table.handler(of: number)) }
    }

    /// Serves hypercall `number`, as `DispatchTable.serve`.
    @inline(__always)
    public func serve(
        _ number: Int, argument: GuestAddress, memory: GuestMemory
    ) throws(GuestFault) -> Outcome {
        guard number >= 0, number < DispatchTable.count else { throw .hypercall(number: number) }
        return try entries[number].handler(argument, memory)
    }
}
