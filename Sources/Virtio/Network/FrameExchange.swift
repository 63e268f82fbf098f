import Tap
import Tender

/// Carries frames between the tap and the guest's queues, by way of a buffer of its own: so that
/// what is sent can't change any more, and a frame may lie in as many pieces as its driver likes.
struct FrameExchange: ~Copyable {
    private let backend: NetworkBackend
    private let headerSize: Int
    /// One frame and the header before it.
    private var buffer: [UInt8]
    private var chain = BufferChain()

    /// How many frames are exchanged before others get their turn.
    static let turn = 64

    /// Where the header says that a frame takes up one chain (virtio 5.1.6).
    private static let bufferCountOffset = 10

    init(_ backend: NetworkBackend, _ transport: VirtioTransport) {
        self.backend = backend
        // The legacy header ends before the number of buffers (virtio 5.1.6.1).
        headerSize = transport == .modern ? 12 : 10
        buffer = [UInt8](repeating: 0, count: headerSize + NetworkBackend.largestFrame)
    }

    /// How far a turn got.
    enum Progress: Equatable {
        /// Nothing is left to do.
        case done
        /// There may be more to do.
        case more
        /// The guest has no buffers for what may come.
        case noBuffers
        /// The tap does not work at the moment, or never will again.
        case broken
    }

    struct Result: Equatable {
        var progress: Progress
        /// Whether chains were given back.
        var isUsed: Bool
    }

    /// Sends the guest's next frames. What can't be sent is dropped, as on any network.
    mutating func transmit(
        _ queue: inout SplitQueue, _ memory: GuestMemory
    ) throws(VirtioFault) -> Result {
        var result = Result(progress: .done, isUsed: false)
        for _ in 0..<Self.turn {
            guard try queue.hasChain(in: memory) else { return result }
            try queue.readChain(into: &chain, for: .read, memory)
            let count = chain.count
            guard count >= headerSize, count <= buffer.count else { throw .length }
            if backend.takes(count: UInt64(count - headerSize)) {
                chain.copy(from: memory, to: &buffer)
                _ = backend.send(buffer[headerSize..<count])
            }
            try queue.giveBack(chain, count: 0, memory)
            result.isUsed = true
        }
        result.progress = .more
        return result
    }

    /// Hands the tap's next frames to the guest. What does not fit the guest's buffer is dropped.
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

    /// Puts a header before the frame in the buffer that asks nothing of the guest.
    private mutating func writeHeader() {
        for index in 0..<headerSize { buffer[index] = 0 }
        if headerSize > Self.bufferCountOffset { buffer[Self.bufferCountOffset] = 1 }
    }
}
