import Network
import Tender

/// Copies frames between the tap and the guest's queues through a buffer of its own, so that the
/// guest can't change a frame being sent, and a frame may span any number of buffers.
struct FrameExchange: ~Copyable {
    private let backend: NetworkBackend
    private let headerSize: Int
    /// One header and frame.
    private var buffer: [UInt8]
    private var chain = BufferChain()

    /// The most frames per turn, so that others are served.
    static let turn = 64

    /// The offset of num_buffers in the header (virtio 5.1.6).
    private static let bufferCountOffset = 10

    init(_ backend: NetworkBackend, _ transport: VirtioTransport) {
        self.backend = backend
        // The legacy header has no num_buffers (virtio 5.1.6.1).
        headerSize = transport == .modern ? 12 : 10
        buffer = [UInt8](repeating: 0, count: headerSize + NetworkBackend.largestFrame)
    }

    /// The progress of a turn.
    enum Progress: Equatable {
        /// Nothing is left to do.
        case done
        /// There may be more to do.
        case more
        /// The guest has no receive buffers.
        case noBuffers
        /// The tap fails, temporarily or permanently.
        case broken
    }

    /// Whether frames have come that the guest has not got.
    var hasFrames: Bool { backend.hasFrames }

    struct Result: Equatable {
        var progress: Progress
        /// Whether buffers were used.
        var isUsed: Bool
    }

    /// Sends the guest's next frames. Frames that can't be sent are dropped, as on any network.
    mutating func transmit(
        _ queue: inout SplitQueue, _ memory: GuestMemory
    ) throws(VirtioFault) -> Result {
        var result = Result(progress: .done, isUsed: false)
        // At the end of a turn, whatever ends it.
        defer { backend.flush() }
        for _ in 0..<Self.turn {
            guard try queue.hasChain(in: memory) else { return result }
            try queue.readChain(into: &chain, for: .read, memory)
            let count = chain.count
            guard count >= headerSize, count <= buffer.count else { throw .length }
            if backend.takes(count: UInt64(count - headerSize)) {
                chain.copy(from: memory, to: &buffer)
                backend.queue(buffer[headerSize..<count])
            }
            try queue.giveBack(chain, count: 0, memory)
            result.isUsed = true
        }
        result.progress = .more
        return result
    }

    /// Delivers the tap's next frames to the guest. A frame larger than its buffer is dropped.
    mutating func receive(
        _ queue: inout SplitQueue, _ memory: GuestMemory
    ) throws(VirtioFault) -> Result {
        var result = Result(progress: .more, isUsed: false)
        for _ in 0..<Self.turn {
            guard try queue.hasChain(in: memory) else {
                result.progress = .noBuffers
                return result
            }
            let count: Int
            switch backend.receive(into: &buffer, at: headerSize) {
            case .frame(let size): count = headerSize + size
            case .wouldBlock: return Result(progress: .done, isUsed: result.isUsed)
            case .unavailable, .gone: return Result(progress: .broken, isUsed: result.isUsed)
            }
            try queue.readChain(into: &chain, for: .write, memory)
            guard count <= chain.count else { continue }
            writeHeader()
            chain.fill(from: buffer[..<count], in: memory)
            try queue.giveBack(chain, count: count, memory)
            result.isUsed = true
        }
        return result
    }

    /// Writes the header before the frame in the buffer: no offloads.
    private mutating func writeHeader() {
        for index in 0..<headerSize { buffer[index] = 0 }
        if headerSize > Self.bufferCountOffset { buffer[Self.bufferCountOffset] = 1 }
    }
}
