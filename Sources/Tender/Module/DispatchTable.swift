import ABI

/// Serves one hypercall: its argument lies at `argument` in `memory`.
public typealias HypercallHandler =
    (_ argument: GuestAddress, _ memory: GuestMemory) throws(GuestFault) -> Outcome

/// Who serves which hypercall: a handler a number.
public struct DispatchTable {
    /// One more than the highest number that a handler can have. The guest ABI knows fewer; the
    /// rest is room for modules of one's own.
    package static let count = 16

    private var handlers = [HypercallHandler?](repeating: nil, count: count)

    mutating func register(_ number: Int32, _ handler: @escaping HypercallHandler) {
        let index = Int(number)
        guard handlers.indices.contains(index), handlers[index] == nil else { return }
        handlers[index] = handler
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
