import CLinux
import Linux
import Tender

/// Carries frames between the tap and the guest's queues, by way of a buffer of its own: so that
/// what is sent can't change any more, and a frame may lie in as many pieces as its driver likes.
struct FrameExchange: ~Copyable {
    private let tap: FileDescriptor
    private let headerSize: Int
    /// The longest frame that is sent, in bytes.
    private let longestFrame: Int
    /// Holds one frame and the header before it.
    private let buffer: GuestMemory
    private var chain = BufferChain()

    /// How many frames are exchanged before others get their turn.
    static let turn = 64

    private static let ethernetHeader = Int(ETH_HLEN)
    private static let tag = 4
    private static let largestPayload = Int(UInt16.max)
    /// Where the header says that a frame takes up one chain (virtio 5.1.6).
    private static let bufferCountOffset: Int32 = 10

    init(
        _ tap: consuming FileDescriptor, mtu: UInt16, _ face: VirtioNetwork.Face
    ) throws(Errno) {
        self.tap = tap
        // The legacy header ends before the number of buffers (virtio 5.1.6.1).
        headerSize = face == .modern ? 12 : 10
        longestFrame = Int(mtu) + Self.ethernetHeader + Self.tag
        let room = headerSize + Self.largestPayload + Self.ethernetHeader + Self.tag
        buffer = try GuestMemory(count: UInt64(room))
    }

    var descriptor: Int32 { tap.number }

    /// How far a turn got.
    enum Progress: Equatable {
        /// Nothing is left to do.
        case done
        /// There may be more to do.
        case more
        /// The guest has no buffers for what may come.
        case noBuffers
        /// The tap does not work at the moment.
        case broken
    }

    struct Result: Equatable {
        var progress: Progress
        /// Whether chains were given back.
        var isUsed: Bool
    }

    // MARK: Sending

    /// Sends the guest's next frames. What can't be sent is dropped, as on any network.
    mutating func transmit(
        _ queue: inout SplitQueue, _ memory: GuestMemory
    ) throws(VirtioFault) -> Result {
        var result = Result(progress: .done, isUsed: false)
        for _ in 0..<Self.turn {
            guard try queue.hasChain(in: memory) else { return result }
            try queue.readChain(into: &chain, for: .read, memory)
            let count = chain.count
            guard count >= headerSize, count <= Int(buffer.count) else { throw .length }
            let frame = count - headerSize
            if frame >= Self.ethernetHeader, frame <= longestFrame {
                try asDriver { () throws(GuestFault) in
                    try chain.copy(from: memory, to: buffer)
                    let range = try frameRange(frame)
                    _ = try? buffer.write(range, to: tap.number)
                }
            }
            try queue.giveBack(chain, count: 0, memory)
            result.isUsed = true
        }
        result.progress = .more
        return result
    }

    // MARK: Receiving

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
            let frame: Int
            switch try nextFrame() {
            case .none: return Result(progress: .done, isUsed: result.isUsed)
            case .broken: return Result(progress: .broken, isUsed: result.isUsed)
            case .frame(let count): frame = count
            }
            try queue.readChain(into: &chain, for: .write, memory)
            let count = headerSize + frame
            guard count <= chain.count else { continue }
            try asDriver { () throws(GuestFault) in
                try chain.fill(from: buffer, count: count, in: memory)
            }
            try queue.giveBack(chain, count: count, memory)
            result.isUsed = true
        }
        return result
    }

    private enum Arrival {
        case frame(count: Int)
        case none
        case broken
    }

    /// Reads a frame into the buffer, behind a header that asks nothing of the guest.
    private func nextFrame() throws(VirtioFault) -> Arrival {
        let room = try asDriver { () throws(GuestFault) in
            // The legacy header ends before the last of these, and the frame overwrites it.
            try buffer.store(UInt64(0), at: buffer.start)
            try buffer.store(UInt16(0), at: buffer.start, offset: 8)
            try buffer.store(UInt16(1), at: buffer.start, offset: Self.bufferCountOffset)
            return try frameRange(Int(buffer.count) - headerSize)
        }
        do throws(Errno) {
            let count = try buffer.read(into: room, from: tap.number)
            // A tap has no empty frames; a socket whose other end is closed has nothing else.
            return count > 0 ? .frame(count: count) : .broken
        } catch {
            return error.code == EAGAIN ? .none : .broken
        }
    }

    /// Where the buffer holds a frame of `count` bytes.
    private func frameRange(_ count: Int) throws(GuestFault) -> GuestRange {
        let start = GuestAddress(buffer.start.value + UInt64(headerSize))
        return try buffer.range(at: start, count: UInt64(count), for: .write)
    }
}
