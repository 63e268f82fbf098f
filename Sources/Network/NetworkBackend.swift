import CLinux
import Linux
import Tender

/// The host's end of a guest's network interface: a tap, or a socket that preserves frame
/// boundaries. Nonblocking; sends by write(2), receives by read(2).
///
/// Failures never end the guest:
/// - A frame that can't be sent at once is dropped, as on any network.
/// - An interface that is down may come up again: retry later, but don't poll, since its descriptor
///   may be readable all the time.
/// - An interface that was deleted, or a socket whose peer has closed, is gone permanently.
public final class NetworkBackend: Sendable {
    private let file: FileDescriptor
    /// The MTU, in bytes.
    public let mtu: UInt16

    /// The Ethernet header, and the VLAN tag that it may contain.
    private static let header = Int(ETH_HLEN)
    private static let tag = 4
    /// The size of the largest frame that can arrive, whatever the MTU.
    public static let largestFrame = Int(UInt16.max) + header + tag

    /// - Parameter file: nonblocking.
    public init(_ file: consuming FileDescriptor, mtu: UInt16) {
        self.file = file
        self.mtu = mtu
    }

    /// Opens the interface that the value of a `net` option names or, as `@FD`, uses an inherited
    /// descriptor.
    public static func open(_ option: OptionValue) throws(ModuleError) -> NetworkBackend {
        try InheritedTap.isMeant(by: option)
            ? InheritedTap.attach(option) : NamedTap.attach(option)
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
        sending { () throws(Errno) in try memory.write(range, to: file.number) }
    }

    public func send(_ frame: ArraySlice<UInt8>) -> Sending {
        sending { () throws(Errno) in try Output.write(frame, to: file.number) }
    }

    @inline(__always)
    private func sending(_ write: () throws(Errno) -> Int) -> Sending {
        do throws(Errno) {
            _ = try write()
            return .sent
        } catch {
            return error.isFinal ? .gone : .dropped
        }
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
        receiving { () throws(Errno) in
            try memory.read(into: range.prefix(Self.largestFrame), from: file.number)
        }
    }

    /// Stores the next frame in `buffer` from `offset` on, truncated if it is longer.
    public func receive(into buffer: inout [UInt8], at offset: Int) -> Reception {
        receiving { () throws(Errno) in
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
            return error.isFinal ? .gone : .unavailable
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
