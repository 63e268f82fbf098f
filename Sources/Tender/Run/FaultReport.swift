import Architecture
import Hypervisor

/// The report on a failed guest, besides the cause: its location, the address that it touched, and
/// its registers. One screen.
package struct FaultReport {
    /// A part of memory that has a name.
    package struct Region {
        /// For example "segment 1 of the image (read, execute)".
        let name: String
        let addresses: Range<UInt64>

        package init(name: String, addresses: Range<UInt64>) {
            self.name = name
            self.addresses = addresses
        }
    }

    let memory: GuestMemory
    let regions: [Region]
    let symbols: SymbolTable?
    let backEnd: BackEnd

    /// - Parameter backEnd: of the guest's vCPUs.
    package init(
        memory: GuestMemory, regions: [Region] = [], symbols: SymbolTable?, on backEnd: BackEnd
    ) {
        self.backEnd = backEnd
        self.memory = memory
        self.regions = regions
        self.symbols = symbols
    }

    /// - Parameters:
    ///   - address: the guest-physical address that the guest touched, if known.
    ///   - cause: the cause of the fault, if it has more to report.
    package func text(
        _ state: some RegisterSet, address: UInt64? = nil, cause: FaultCause? = nil
    ) -> String {
        let counter = state.programCounter
        let at = "at \(location(counter, in: symbols?.name(at: counter)))"
        let instruction = cause?.words(state, memory, on: backEnd).map { "\(at): \($0)" } ?? at
        // A reset loses all other state.
        if cause == .reset { return "  \(instruction)" }
        var lines: [String] = []
        if let address {
            lines.append("address \(hexadecimal(address)): \(location(of: address))")
        } else if cause?.hasPageFault == true, state.faultAddress != 0 {
            lines.append(
                "address \(hexadecimal(state.faultAddress)) (of the last page fault): "
                    + location(of: state.faultAddress))
        }
        lines.append(instruction)
        for caller in callers(state) {
            lines.append("called from \(location(caller, in: name(ofCaller: caller)))")
        }
        if let symbols, symbols.bias > 0 {
            lines.append("the image was moved by \(hexadecimal(symbols.bias))")
        }
        lines += registers(state)
        return lines.map { "  \($0)" }.joined(separator: "\n")
    }

    private func location(_ address: UInt64, in function: String?) -> String {
        hexadecimal(address) + (function.map { " <\($0)>" } ?? "")
    }

    /// The return address is past the call, which may be past the end of the function.
    private func name(ofCaller address: UInt64) -> String? {
        symbols?.name(at: address &- 1)
    }

    /// A description of the memory that an address is in.
    private func location(of address: UInt64) -> String {
        let start = memory.start.value
        guard address >= start else {
            return "before the guest's memory, which begins at \(hexadecimal(start))"
        }
        guard address - start < memory.count else {
            return "past the guest's memory, which ends at \(hexadecimal(start + memory.count))"
        }
        guard let region = regions.first(where: { $0.addresses.contains(address) }) else {
            return "in the guest's memory"
        }
        return "in \(region.name), \(hexadecimal(region.addresses.lowerBound)) "
            + "to \(hexadecimal(region.addresses.upperBound))"
    }

    /// The most callers that a report lists.
    private static let depth = 8

    /// Return addresses along the chain of frame pointers, for as long as each frame is intact and
    /// returns into a function with a name.
    @inline(never)
    private func callers(_ state: some RegisterSet) -> [UInt64] {
        let space = AddressSpace(memory: memory, translation: state.translation)
        var callers: [UInt64] = []
        var frame = state.framePointer
        let inner = state.returnAddress.flatMap { innerCaller($0, state) }
        while callers.count < Self.depth,
            let saved = try? word(frame, space),
            let caller = try? word(frame &+ 8, space), name(ofCaller: caller) != nil
        {
            if let inner, callers.isEmpty, inner != caller { callers.append(inner) }
            callers.append(caller)
            // Stacks grow downwards, so that each caller's frame is above.
            guard saved > frame else { break }
            frame = saved
        }
        return callers
    }

    /// The caller of a function that has made no frame, from the register with the return address: in
    /// functions that have, that is an address in the same function after their first call.
    private func innerCaller(_ address: UInt64, _ state: some RegisterSet) -> UInt64? {
        guard let caller = name(ofCaller: address) else { return nil }
        let function = symbols?.name(at: state.programCounter)
        func base(_ name: String) -> Substring { name.prefix { $0 != "+" } }
        return function.map { base($0) == base(caller) } ?? false ? nil : address
    }

    private func word(
        _ address: UInt64, _ space: AddressSpace<some TableWalk>
    ) throws(GuestFault) -> UInt64 {
        guard let piece = try? space.physical(address), piece.count >= 8 else {
            throw .access(address: GuestAddress(address), count: 8)
        }
        return try memory.load(UInt64.self, at: GuestAddress(piece.address))
    }

    @inline(never)
    private func registers(_ state: some RegisterSet) -> [String] {
        state.rows.map { row in
            row.map { name, value in
                let digits = String(value, radix: 16)
                let zeros = String(repeating: "0", count: 16 - digits.utf8.count)
                return name + String(repeating: " ", count: 4 - name.utf8.count) + zeros + digits
            }.joined(separator: "  ")
        }
    }
}
