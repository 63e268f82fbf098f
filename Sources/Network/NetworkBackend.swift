import CLinux
import Linux
import Tender

/// The host's end of a guest's network interface: a tap, or a socket. Nonblocking; sends by write(2),
/// receives by read(2): one of each for a frame, or for many, with a tap that has offloads.
///
/// Failures never end the guest:
/// - A frame that can't be sent at once is dropped, as on any network.
/// - An interface that is down may come up again: retry later, but don't poll, since its descriptor
///   may be readable all the time.
/// - An interface that was deleted, or an inherited socket whose peer has closed, is gone
///   permanently.
/// - If the back end knows its peer, which `unix:PATH` or `passt` named, and that has gone, this is
///   to the guest as an interface that is down; the operator is told once.
///
/// One thread at a time may send or receive; any may ask for the rest.
public final class NetworkBackend: Sendable {
    private let file: FileDescriptor
    /// Cuts a stream socket's bytes into frames; nil if the descriptor keeps frames apart.
    private let stream: FrameStream?
    /// Splits and joins super-frames; nil if the descriptor has none.
    private let offloads: OffloadingTap?
    private let peer: Peer?
    /// Whose identity in a network the guest takes; nil if it has one of its own.
    public let identity: NetworkIdentity?
    /// The MTU, in bytes.
    public let mtu: UInt16

    /// The Ethernet header, and the VLAN tag that it may contain.
    private static let header = Int(ETH_HLEN)
    private static let tag = 4
    /// The size of the largest frame that can arrive, whatever the MTU.
    public static let largestFrame = Int(UInt16.max) + header + tag
    /// The MTU of a descriptor that has none to query.
    static let standardMTU: UInt16 = 1500
    /// The MTUs that an option can set: from what IPv4 needs to the most that passt takes.
    static let mtus: ClosedRange<UInt16> = 68...65520

    /// - Parameter file: nonblocking, and keeps frames apart.
    public init(_ file: consuming FileDescriptor, mtu: UInt16) {
        self.file = file
        self.mtu = mtu
        stream = nil
        offloads = nil
        peer = nil
        identity = nil
    }

    /// - Parameters:
    ///   - tap: nonblocking.
    ///   - virtioHeader: the size of its headers, in bytes, with `IFF_VNET_HDR`; at least
    ///     `VirtioHeader.size`.
    init(
        _ tap: consuming FileDescriptor, mtu: UInt16, virtioHeader: Int?,
        identity: NetworkIdentity? = nil
    ) {
        stream = nil
        offloads =
            if let virtioHeader {
                OffloadingTap(tap.number, headerSize: virtioHeader, mtu: mtu)
            } else {
                nil
            }
        peer = nil
        self.identity = identity
        file = tap
        self.mtu = mtu
    }

    /// - Parameter socket: nonblocking. In a stream, each frame follows its length.
    init(_ socket: consuming FileDescriptor, mtu: UInt16, peer: Peer) {
        offloads = nil
        stream = isStreamSocket(socket.number) ? FrameStream(socket.number) : nil
        file = socket
        self.mtu = mtu
        self.peer = peer
        identity = nil
    }

    /// Opens what the value of a `net` option names: a tap interface, `@FD`, `wire:IFACE`,
    /// `unix:PATH`, or passt, which is started.
    ///
    /// - Parameters:
    ///   - offload: whether a tap may have offloads.
    ///   - program: what a line begins with that says that a peer has gone.
    ///   - isRehearsal: whether to leave interfaces as they are.
    public static func open(
        _ option: OptionValue, _ offload: OffloadOption = .auto, program: String,
        isRehearsal: Bool = false
    ) throws(ModuleError) -> NetworkBackend {
        if InheritedTap.isMeant(by: option) { return try InheritedTap.attach(option, offload) }
        let warn: @Sendable (String) -> Void = { line in
            Output.write("\(program): \(line)\n", to: STDERR_FILENO)
        }
        if UnixPeer.isMeant(by: option) { return try UnixPeer.attach(option, warn: warn) }
        if WiredTap.isMeant(by: option) {
            return try WiredTap.attach(option, offload, isRehearsal: isRehearsal)
        }
        if Passt.isMeant(by: option) { return try Passt.attach(option, warn: warn) }
        return try NamedTap.attach(option, offload)
    }

    /// The inherited descriptor that the option names, if any.
    public static func inheritedNumber(_ option: OptionValue) -> Int32? {
        InheritedTap.number(option)
    }

    public var descriptor: Int32 { file.number }
    /// Whether it splits and joins super-frames.
    public var hasOffloads: Bool { offloads != nil }
    /// Whether it is a socket instead of a tap.
    public var isSocket: Bool { (try? FileStatus(of: file.number))?.kind == .socket }

    // MARK: Sending

    /// The result of sending a frame.
    public enum Sending: Equatable, Sendable {
        case sent, dropped, gone
        /// Kept until `flush`, or until what cannot be joined to it is sent.
        case queued
    }

    /// Whether a frame of this size, in bytes, can be sent.
    @inline(__always)
    public func takes(count: UInt64) -> Bool {
        let most = UInt64(mtu) + UInt64(Self.header + Self.tag)
        return count >= UInt64(Self.header) && count <= most
    }

    /// Sends the frame in `range`.
    @inline(__always)
    public func send(_ range: GuestRange, of memory: GuestMemory) -> Sending {
        if let offloads {
            return sending { () throws(Errno) in try offloads.send(range, of: memory) }
        }
        if let stream {
            // The room is as large as the range.
            return unsafe sending(range.count, by: stream) { unsafe memory.copy(range, to: $0) }
        }
        return sending { () throws(Errno) in try memory.write(range, to: file.number) }
    }

    /// Sends the frame in `range`, or queues it until `flush` if a tap with offloads may take it
    /// together with those that follow.
    @inline(__always)
    public func sendOrQueue(_ range: GuestRange, of memory: GuestMemory) -> Sending {
        guard let offloads else { return send(range, of: memory) }
        do throws(Errno) {
            guard let count = try offloads.sendOrQueue(range, of: memory) else { return .queued }
            return count > 0 ? .sent : .dropped
        } catch {
            return failure(error) ? .gone : .dropped
        }
    }

    /// Sends the frame in `range` at the latest at `flush`: a tap with offloads keeps it until then, or
    /// until one that can't be joined to it. All others send it at once.
    ///
    /// Frames keep their order. Where the tap fails, some of those before the call are lost, too.
    ///
    /// - Returns: whether there is something to flush.
    @inline(__always)
    public func queue(_ range: GuestRange, of memory: GuestMemory) -> Bool {
        guard let offloads else {
            _ = send(range, of: memory)
            return false
        }
        // The room is as large as the range. A frame that is lost is none to tell the guest of.
        let isQueued = unsafe try? offloads.queue(count: range.count, mayStay: true) {
            unsafe memory.copy(range, to: $0)
        }
        return isQueued ?? false
    }

    /// Sends the frame, or queues it until `flush` if a tap with offloads may take it together with
    /// those that follow.
    public func queue(_ frame: ArraySlice<UInt8>) {
        guard let offloads else {
            _ = send(frame)
            return
        }
        // As above.
        _ = unsafe try? offloads.queue(count: frame.count) { unsafe $0.copyBytes(from: frame) }
    }

    /// Sends all that is queued.
    @inline(__always)
    public func flush() {
        if let offloads { try? offloads.flush() }
    }

    public func send(_ frame: ArraySlice<UInt8>) -> Sending {
        if let offloads {
            return sending { () throws(Errno) in try offloads.send(frame) }
        }
        if let stream {
            // The room is as large as the frame.
            return unsafe sending(frame.count, by: stream) { unsafe $0.copyBytes(from: frame) }
        }
        return sending { () throws(Errno) in try Output.write(frame, to: file.number) }
    }

    /// - Returns: the result of `write`, which returns how much was sent; 0 for nothing.
    @inline(__always)
    private func sending(_ write: () throws(Errno) -> Int) -> Sending {
        do throws(Errno) {
            return try write() > 0 ? .sent : .dropped
        } catch {
            return failure(error) ? .gone : .dropped
        }
    }

    /// Sends the frame of `count` bytes that `copy` stores.
    private func sending(
        _ count: Int, by stream: FrameStream, _ copy: (UnsafeMutableRawBufferPointer) -> Void
    ) -> Sending {
        sending { () throws(Errno) in unsafe try stream.send(count: count, copy) ? count : 0 }
    }

    /// Tells the operator of a peer that has gone.
    ///
    /// - Returns: whether the interface is gone permanently.
    private func failure(_ error: Errno) -> Bool {
        guard let peer else { return error.isFinal }
        if error.isFinal || error.code == ECONNREFUSED { peer.hasGone() }
        return false
    }

    /// To be called when the descriptor was found to have nothing but its end.
    public func hasEnded() {
        peer?.hasGone()
    }

    // MARK: Receiving

    /// Whether there are frames to receive even if the descriptor is not readable.
    public var hasFrames: Bool { offloads?.hasFrames ?? false }

    /// To be called where there is time, so that the next frame is received faster.
    @inline(__always)
    public func prepare() {
        if let offloads, offloads.hasFrames { offloads.prepare() }
    }

    /// The result of receiving.
    public enum Reception: Equatable, Sendable {
        case frame(count: Int)
        /// No frame until the descriptor is readable.
        case wouldBlock
        /// No frame at the moment, even if the descriptor is readable.
        case unavailable
        case gone
    }

    /// Stores the next frame in `range`, truncated if it is longer.
    @inline(__always)
    public func receive(
        into range: GuestRange, of memory: GuestMemory
    ) -> Reception {
        if let offloads {
            return receiving { () throws(Errno) in try offloads.receive(into: range, of: memory) }
        }
        if let stream {
            // The frame has no more bytes than the range.
            return unsafe receiving(from: stream, upTo: range.count) {
                unsafe memory.fill(range, from: $0)
            }
        }
        return receiving { () throws(Errno) in
            try memory.read(into: range.prefix(Self.largestFrame), from: file.number)
        }
    }

    /// Stores the next frame in `buffer` from `offset` on, truncated if it is longer.
    public func receive(into buffer: inout [UInt8], at offset: Int) -> Reception {
        if let offloads {
            return receiving { () throws(Errno) in try offloads.receive(into: &buffer, at: offset) }
        }
        if let stream {
            return unsafe receiving(from: stream, upTo: buffer.count - offset) { frame in
                // The frame has no more bytes than there is room after the offset.
                unsafe buffer.withUnsafeMutableBytes { bytes in
                    unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[offset...])
                        .copyMemory(from: frame)
                }
            }
        }
        return receiving { () throws(Errno) in
            try retrying {
                // The kernel stores no more than `room`'s size.
                unsafe buffer.withUnsafeMutableBytes { bytes in
                    let room = unsafe UnsafeMutableRawBufferPointer(
                        rebasing: bytes.dropFirst(offset))
                    return unsafe read(file.number, room.baseAddress, room.count)
                }
            }
        }
    }

    @inline(__always)
    private func receiving(_ read: () throws(Errno) -> Int) -> Reception {
        do throws(Errno) {
            let count = try read()
            // A tap has no empty frames; a closed socket may return 0 for ever.
            return count > 0 ? .frame(count: count) : .unavailable
        } catch {
            if error.code == EAGAIN { return .wouldBlock }
            return failure(error) ? .gone : .unavailable
        }
    }

    /// Receives the next frame, or the first `room` bytes of it, which `copy` stores.
    private func receiving(
        from stream: FrameStream, upTo room: Int, _ copy: (UnsafeRawBufferPointer) -> Void
    ) -> Reception {
        switch unsafe stream.receive(upTo: room, copy) {
        case .frame(let count): return .frame(count: count)
        case .nothing: return .wouldBlock
        case .ended(let ending):
            peer?.hasGone(ending)
            return .unavailable
        }
    }
}

extension Errno {
    /// Whether the interface was deleted, or the other end of the socket closed.
    @inline(__always)
    fileprivate var isFinal: Bool {
        switch code {
        case EBADF, EBADFD, ENODEV, ENXIO, ENOTCONN, EPIPE, ECONNRESET, ESHUTDOWN: true
        default: false
        }
    }
}
