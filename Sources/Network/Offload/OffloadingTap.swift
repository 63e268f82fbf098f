import CLinux
import Linux
import Synchronization

/// A tap with a virtio header before each frame (`IFF_VNET_HDR`), by which the host's network stack
/// takes and delivers super-frames of up to 64 KiB: one system call, and one way through the stack,
/// for up to 44 frames. The guest sees none of it.
///
/// A super-frame that has come is kept until all of its frames were received: meanwhile the tap need
/// not be readable (`hasFrames`). Nothing is allocated once it exists. Any thread may send or
/// receive.
@safe final class OffloadingTap: @unchecked Sendable {
    private let tap: Int32
    private let headerSize: Int
    private let sending = Lock()
    private let receiving = Lock()

    // Guarded by `sending`.
    private var merger: Merger

    // Guarded by `receiving`: what was read last, and what of it was not received yet.
    private var incoming: [UInt8]
    private var segmenter = Segmenter()
    /// The next frame, if it was made ahead.
    private var ready: Range<Int>?
    private let isHolding = Atomic(false)

    /// - Parameters:
    ///   - tap: nonblocking; stays open as long as this object is used.
    ///   - headerSize: at least `VirtioHeader.size`.
    init(_ tap: Int32, headerSize: Int) {
        self.tap = tap
        self.headerSize = headerSize
        merger = Merger(headerSize: headerSize, largest: NetworkBackend.largestFrame)
        incoming = .untouched(count: headerSize + NetworkBackend.largestFrame)
    }

    // MARK: Sending

    /// Sends the frame of `count` bytes that `copy` stores, after those that are queued.
    ///
    /// - Returns: how much the tap took, with its header.
    func send(count: Int, _ copy: (UnsafeMutableRawBufferPointer) -> Void) throws(Errno) -> Int {
        try sending.withLock { () throws(Errno) in
            try write()
            unsafe merger.take(count: count, copy)
            return try Output.write(merger.alone(count: count), to: tap)
        }
    }

    /// Sends the frame of `count` bytes that `copy` stores, together with those after it if they can
    /// be joined, at the latest at `flush`. One that nothing can be joined to is sent at once, unless
    /// it may stay.
    func queue(
        count: Int, mayStay: Bool = false, _ copy: (UnsafeMutableRawBufferPointer) -> Void
    ) throws(Errno) {
        guard count <= NetworkBackend.largestFrame else { return }
        try sending.withLock { () throws(Errno) in
            unsafe merger.take(count: count, copy)
            if !merger.join(count: count) {
                try write()
                merger.begin(count: count)
            }
            if !merger.isOpen, !mayStay { try write() }
        }
    }

    func flush() throws(Errno) {
        try sending.withLock { () throws(Errno) in try write() }
    }

    private func write() throws(Errno) {
        guard let frame = merger.finish() else { return }
        _ = try Output.write(frame, to: tap)
    }

    // MARK: Receiving

    /// Whether there are frames to receive, even if the tap is not readable.
    var hasFrames: Bool { isHolding.load(ordering: .relaxed) }

    /// Receives the next frame.
    ///
    /// - Parameters:
    ///   - room: the size of the longest frame to be stored; a longer one is truncated.
    ///   - copy: stores the frame.
    ///
    /// - Returns: how much was stored; 0 if the tap delivered what makes no sense.
    func receive(
        upTo room: Int, _ copy: (UnsafeRawBufferPointer) -> Void
    ) throws(Errno) -> Int {
        try receiving.withLock { () throws(Errno) in
            if ready == nil, segmenter.isEmpty {
                let end = try read()
                guard end > headerSize,
                    let next = Segmenter(VirtioHeader(incoming), &incoming, headerSize..<end)
                else { return 0 }
                segmenter = next
            }
            guard let frame = ready ?? segmenter.makeNext(&incoming) else { return 0 }
            ready = nil
            isHolding.store(!segmenter.isEmpty, ordering: .relaxed)
            let stored = frame.prefix(room)
            unsafe incoming.withUnsafeBytes { bytes in
                unsafe copy(UnsafeRawBufferPointer(rebasing: bytes[stored]))
            }
            return stored.count
        }
    }

    /// Makes the next frame of what was read last, if one is left, so that its receipt takes less time.
    func prepare() {
        receiving.withLock {
            if ready == nil { ready = segmenter.makeNext(&incoming) }
        }
    }

    private func read() throws(Errno) -> Int {
        try retrying {
            // The kernel stores no more than the array's size.
            unsafe incoming.withUnsafeMutableBytes { bytes in
                unsafe CLinux.read(tap, bytes.baseAddress, bytes.count)
            }
        }
    }
}
