import CLinux
import Linux
import Synchronization
import Tender

/// A tap with a virtio header before each frame (`IFF_VNET_HDR`), by which the host's network stack
/// takes and delivers super-frames of up to 64 KiB: one system call, and one way through the stack,
/// for up to 44 frames. The guest sees none of it.
///
/// A super-frame that has come is kept until all of its frames were received: meanwhile the tap need
/// not be readable (`hasFrames`). Nothing is allocated once it exists.
///
/// One thread at a time may use it, but for `hasFrames`.
@safe final class OffloadingTap: @unchecked Sendable {
    private let tap: Int32
    private let headerSize: Int
    /// The size in bytes from which `sendOrQueue` looks whether others may be joined to a frame.
    private static let leastQueued = 512

    /// Frames to be joined.
    private var merger: Merger
    /// One that is sent by itself, whose header says nothing.
    private var single: [UInt8]

    /// What was read last, and what of it was not received yet.
    private var incoming: [UInt8]
    private var segmenter = Segmenter()
    /// The next frame, if it was made ahead.
    private var ready: Range<Int>?
    private let isHolding = Atomic(false)

    /// - Parameters:
    ///   - tap: nonblocking; stays open as long as this object is used.
    ///   - headerSize: at least `VirtioHeader.size`.
    ///   - mtu: in bytes.
    init(_ tap: Int32, headerSize: Int, mtu: UInt16) {
        self.tap = tap
        self.headerSize = headerSize
        merger = Merger(
            headerSize: headerSize, largest: NetworkBackend.largestFrame, mtu: mtu)
        single = .untouched(count: headerSize + NetworkBackend.largestFrame)
        for index in 0..<headerSize { single[index] = 0 }
        incoming = .untouched(count: headerSize + NetworkBackend.largestFrame)
    }

    // MARK: Sending

    /// Sends the frame in `range`, after those that are queued.
    ///
    /// - Returns: how much the tap took, with its header.
    func send(_ range: GuestRange, of memory: GuestMemory) throws(Errno) -> Int {
        guard range.count <= NetworkBackend.largestFrame else { return 0 }
        try flush()
        return try writeSingle(range, of: memory)
    }

    func send(_ frame: ArraySlice<UInt8>) throws(Errno) -> Int {
        guard frame.count <= NetworkBackend.largestFrame else { return 0 }
        try flush()
        // The room is as large as the frame.
        unsafe single.withUnsafeMutableBytes {
            unsafe room(frame.count, in: $0).copyBytes(from: frame)
        }
        return try writeSingle(count: frame.count)
    }

    @inline(__always)
    private func room(
        _ count: Int, in bytes: UnsafeMutableRawBufferPointer
    ) -> UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[headerSize..<headerSize + count])
    }

    @inline(__always)
    private func writeSingle(_ range: GuestRange, of memory: GuestMemory) throws(Errno) -> Int {
        // The room is as large as the range.
        unsafe single.withUnsafeMutableBytes {
            unsafe memory.copy(range, to: room(range.count, in: $0))
        }
        return try writeSingle(count: range.count)
    }

    @inline(__always)
    private func writeSingle(count: Int) throws(Errno) -> Int {
        try retrying {
            // So many bytes were stored.
            unsafe single.withUnsafeMutableBytes {
                unsafe CLinux.write(tap, $0.baseAddress, headerSize + count)
            }
        }
    }

    /// Sends the frame in `range`, after those that are queued, or queues it if others may be joined
    /// to it.
    ///
    /// - Returns: how much the tap took, with its header; nil if the frame is queued.
    func sendOrQueue(_ range: GuestRange, of memory: GuestMemory) throws(Errno) -> Int? {
        guard range.count <= NetworkBackend.largestFrame else { return 0 }
        // Most of the small ones have nothing that could be joined to them.
        if range.count < Self.leastQueued, merger.isEmpty {
            return try writeSingle(range, of: memory)
        }
        // The room is as large as the range.
        unsafe try enter(count: range.count) { unsafe memory.copy(range, to: $0) }
        return merger.isOpen ? nil : try writeMerged()
    }

    /// Sends the frame of `count` bytes that `copy` stores, together with those after it if they can
    /// be joined, at the latest at `flush`. One that nothing can be joined to is sent at once, unless
    /// it may stay.
    ///
    /// - Returns: whether there is something to flush.
    func queue(
        count: Int, mayStay: Bool = false, _ copy: (UnsafeMutableRawBufferPointer) -> Void
    ) throws(Errno) -> Bool {
        guard count <= NetworkBackend.largestFrame else { return false }
        unsafe try enter(count: count, copy)
        if !merger.isOpen, !mayStay { try flush() }
        return !merger.isEmpty
    }

    /// Joins the frame of `count` bytes that `copy` stores to those that are queued, or sends these and
    /// begins anew with it.
    @inline(__always)
    private func enter(
        count: Int, _ copy: (UnsafeMutableRawBufferPointer) -> Void
    ) throws(Errno) {
        unsafe merger.take(count: count, copy)
        if merger.join(count: count) { return }
        try flush()
        merger.begin(count: count)
    }

    /// Sends what is queued.
    @inline(__always)
    func flush() throws(Errno) {
        if merger.isEmpty { return }
        _ = try writeMerged()
    }

    private func writeMerged() throws(Errno) -> Int {
        guard let frame = merger.finish() else { return 0 }
        return try Output.write(frame, to: tap)
    }

    // MARK: Receiving

    /// Whether there are frames to receive, even if the tap is not readable.
    var hasFrames: Bool { isHolding.load(ordering: .relaxed) }

    /// Stores the next frame in `range`, truncated if it is longer.
    ///
    /// - Returns: how much was stored; 0 if the tap delivered what makes no sense.
    func receive(into range: GuestRange, of memory: GuestMemory) throws(Errno) -> Int {
        guard let frame = try next() else { return 0 }
        // Frames are within what was read, and no more is stored than the range has.
        unsafe incoming.withUnsafeMutableBytes {
            unsafe memory.fill(range, from: UnsafeRawBufferPointer(rebasing: $0[frame]))
        }
        return min(frame.count, range.count)
    }

    /// Stores the next frame in `buffer` from `offset` on, truncated if it is longer.
    func receive(into buffer: inout [UInt8], at offset: Int) throws(Errno) -> Int {
        guard let frame = try next() else { return 0 }
        let stored = frame.prefix(buffer.count - offset)
        buffer.replaceSubrange(offset..<offset + stored.count, with: incoming[stored])
        return stored.count
    }

    /// The next frame of what was read last, or of what is read now; nil if that makes no sense.
    @inline(__always)
    private func next() throws(Errno) -> Range<Int>? {
        if ready == nil, segmenter.isEmpty {
            let end = try read()
            guard end > headerSize else { return nil }
            let header = VirtioHeader(incoming)
            // A frame that stands for no others, as small ones do, goes to the guest as it is: to keep it
            // in the segmenter meanwhile would take a hundred and fifty instructions for nothing.
            if header.segmentation == .none {
                return Segmenter.complete(header, &incoming, headerSize..<end)
                    ? headerSize..<end : nil
            }
            guard let next = Segmenter(header, &incoming, headerSize..<end) else { return nil }
            segmenter = next
        }
        let frame = ready ?? segmenter.makeNext(&incoming)
        ready = nil
        isHolding.store(!segmenter.isEmpty, ordering: .relaxed)
        return frame
    }

    /// Makes the next frame of what was read last, if one is left, so that its receipt takes less time.
    func prepare() {
        if ready == nil { ready = segmenter.makeNext(&incoming) }
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
