import Tender

/// A driver's error that stops the device until a reset.
enum VirtioFault: Error, Equatable, CustomStringConvertible {
    /// A step of the initialisation was skipped (virtio 3.1.1).
    case status(from: UInt8, to: UInt8)
    /// An invalid address or size of a queue.
    case layout
    case memory(GuestFault)
    /// More chains are available than the queue has descriptors.
    case availableIndex
    case descriptorIndex
    /// A chain longer than its queue, which must contain a loop.
    case endlessChain
    case indirectDescriptor
    /// A device-writable buffer in the transmit queue, or the reverse.
    case direction
    /// An empty buffer, or a frame of impossible length.
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
