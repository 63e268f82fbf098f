import Linux
import Tender

/// What a driver did that its device does not survive. It works again after a reset.
enum VirtioFault: Error, Equatable, CustomStringConvertible {
    /// It skipped a step of the initialisation (virtio 3.1.1).
    case status(from: UInt8, to: UInt8)
    /// It has put a queue where a queue can't be, or given it a size that is none.
    case layout
    case memory(GuestFault)
    /// It has made more descriptors available than there are.
    case availableIndex
    case descriptorIndex
    /// A chain that is longer than its queue must contain a loop.
    case endlessChain
    case indirectDescriptor
    /// A buffer to be sent is one for reception, or the other way round.
    case direction
    /// A buffer is empty, or a frame too short or too long to be any.
    case length

    var description: String {
        switch self {
        case .status(let from, let to):
            "device status changed from \(hexadecimal(UInt64(from))) to "
                + hexadecimal(UInt64(to))
        case .layout: "invalid place or size of a queue"
        case .memory(let fault): "\(fault)"
        case .availableIndex: "more descriptors available than there are"
        case .descriptorIndex: "invalid number of a descriptor"
        case .endlessChain: "a loop of descriptors"
        case .indirectDescriptor: "an indirect descriptor"
        case .direction: "a buffer of the wrong direction"
        case .length: "a buffer of an invalid length"
        }
    }
}

/// Does `body`, whose faults are those of a driver.
@inline(__always)
func asDriver<Value>(_ body: () throws(GuestFault) -> Value) throws(VirtioFault) -> Value {
    try wrapping(VirtioFault.memory, body)
}
