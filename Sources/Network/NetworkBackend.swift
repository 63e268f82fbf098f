import CLinux
import Linux
import Tender

/// The host's end of a guest's network interface: a tap, or a socket. Nonblocking; sends by write(2),
/// receives by read(2), one of each for a frame.
///
/// Failures never end the guest:
/// - A frame that can't be sent at once is dropped, as on any network.
/// - An interface that is down may come up again: retry later, but don't poll, since its descriptor
///   may be readable all the time.
/// - An interface that was deleted, or an inherited socket whose peer has closed, is gone
///   permanently.
/// - If the back end knows its peer, which `unix:PATH` or `passt` named, and that has gone, this is
///   to the guest as an interface that is down; the operator is told once.
public final class NetworkBackend: Sendable {
    private let file: FileDescriptor
    /// Cuts a stream socket's bytes into frames; nil if the descriptor keeps frames apart.
    private let stream: FrameStream?
    private let peer: Peer?
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
        peer = nil
    }

    /// - Parameter socket: nonblocking. In a stream, each frame follows its length.
    init(_ socket: consuming FileDescriptor, mtu: UInt16, peer: Peer) {
        stream = isStreamSocket(socket.number) ? FrameStream(socket.number) : nil
        file = socket
        self.mtu = mtu
        self.peer = peer
    }

    /// Opens what the value of a `net` option names: a tap interface, `@FD`, `unix:PATH`, or passt,
    /// which is started.
    ///
    /// - Parameter program: what a line begins with that says that a peer has gone.
    public static func open(
        _ option: OptionValue, program: String
    ) throws(ModuleError) -> NetworkBackend {
        if InheritedTap.isMeant(by: option) { return try InheritedTap.attach(option) }
        let warn: @Sendable (String) -> Void = { line in
            Output.write("\(program): \(line)\n", to: STDERR_FILENO)
        }
        if UnixPeer.isMeant(by: option) { return try UnixPeer.attach(option, warn: warn) }
        if Passt.isMeant(by: option) { return try Passt.attach(option, warn: warn) }
        return try NamedTap.attach(option)
    }

    /// The inherited descriptor that the option names, if any.
    public static func inheritedNumber(_ option: OptionValue) -> Int32? {
        InheritedTap.number(option)
    }

    public var descriptor: Int32 { file.number }
    /// Whether it is a socket instead of a tap.
    public var isSocket: Bool { (try? FileStatus(of: file.number))?.kind == .socket }

    // MARK: Sending

    /// The result of sending a frame.
    public enum Sending: Equatable, Sendable {
        case sent, dropped, gone
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
        if let stream {
            return unsafe sending(by: stream, count: range.count) { room in
                // The room is as large as the range.
                unsafe memory.copy(range, to: room)
            }
        }
        return sending { () throws(Errno) in try memory.write(range, to: file.number) }
    }

    public func send(_ frame: ArraySlice<UInt8>) -> Sending {
        if let stream {
            return unsafe sending(by: stream, count: frame.count) { room in
                // The room is as large as the frame.
                unsafe room.copyBytes(from: frame)
            }
        }
        return sending { () throws(Errno) in try Output.write(frame, to: file.number) }
    }

    @inline(__always)
    private func sending(_ write: () throws(Errno) -> Int) -> Sending {
        do throws(Errno) {
            _ = try write()
            return .sent
        } catch {
            return failure(error) ? .gone : .dropped
        }
    }

    private func sending(
        by stream: FrameStream, count: Int, _ copy: (UnsafeMutableRawBufferPointer) -> Void
    ) -> Sending {
        do throws(Errno) {
            return unsafe try stream.send(count: count, copy) ? .sent : .dropped
        } catch {
            return failure(error) ? .gone : .dropped
        }
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
        if let stream {
            return unsafe receiving(by: stream, upTo: range.count) { frame in
                // The frame has no more bytes than the range.
                unsafe memory.fill(range, from: frame)
            }
        }
        return receiving { () throws(Errno) in
            try memory.read(into: range.prefix(Self.largestFrame), from: file.number)
        }
    }

    /// Stores the next frame in `buffer` from `offset` on, truncated if it is longer.
    public func receive(into buffer: inout [UInt8], at offset: Int) -> Reception {
        if let stream {
            let room = buffer.count - offset
            return unsafe receiving(by: stream, upTo: room) { frame in
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

    private func receiving(
        by stream: FrameStream, upTo room: Int, _ copy: (UnsafeRawBufferPointer) -> Void
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
