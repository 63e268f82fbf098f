import Hypervisor
import Linux

/// The eventfds of an interrupt line.
public final class Interrupt: Sendable {
    /// Raises the interrupt (irqfd).
    public let event: EventDescriptor
    /// Signalled at the guest's end of interrupt (EOI).
    let end: EventDescriptor
    /// Never signalled (see `InterruptMachine.connectEnds`).
    private let idle: EventDescriptor

    public init() throws(Errno) {
        event = try EventDescriptor()
        end = try EventDescriptor()
        idle = try EventDescriptor()
    }

    func connect(
        to machine: borrowing some InterruptMachine & ~Copyable, line: UInt32
    ) throws(HypervisorError) {
        try machine.connectEvent(event.number, toLine: line)
        try machine.connectEnds(ofLine: line, toEvent: end.number, besides: idle.number)
    }
}
