import CLinux
import Linux
import Tender

/// The host's end of a guest's network interface: a tap, or a socket that keeps frames apart. No
/// call on it blocks; sending is write(2), receiving read(2).
///
/// The policy for failures, which are never the end of a guest:
/// - What can't be sent just now is dropped, as on any network.
/// - An interface that is down, for one, may come up again: it is worth trying later, but not
///   waiting for, since its descriptor may be readable all the time.
/// - Once the interface was deleted, or the other end of the socket closed, it is gone for good.
public final class NetworkBackend: Sendable {
    private let file: FileDescriptor
    /// The largest payload of a frame, in bytes.
    public let mtu: UInt16

    /// What surrounds the payload: a header, and perhaps a VLAN tag within.
    private static let header = Int(ETH_HLEN)
    private static let tag = 4
    /// The size of the largest frame that can arrive, whatever the MTU.
    public static let largestFrame = Int(UInt16.max) + header + tag

    /// - Parameter file: must not block.
    public init(_ file: consuming FileDescriptor, mtu: UInt16) {
        self.file = file
        self.mtu = mtu
    }

    /// Opens what the value of a `net` option names: an interface, or, as `@FD`, a descriptor that
    /// was open before we started.
    public static func open(_ option: OptionValue) throws(ModuleError) -> NetworkBackend {
        try InheritedTap.isMeant(by: option)
            ? InheritedTap.attach(option) : NamedTap.attach(option)
    }

    /// The descriptor that the option gives, if it gives one.
    public static func inheritedNumber(_ option: OptionValue) -> Int32? {
        InheritedTap.number(option)
    }

    public var descriptor: Int32 { file.number }
    /// Whether it is a socket that stands in for a tap.
    public var isSocket: Bool { (try? FileStatus(of: file.number))?.kind == .socket }

    // MARK: Sending

    /// What becomes of a frame.
    public enum Sending: Equatable, Sendable {
        case sent, dropped, gone
    }

    /// Whether a frame of this many bytes can be sent at all.
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

    /// What there is to receive.
    public enum Reception: Equatable, Sendable {
        case frame(count: Int)
        /// Nothing until the descriptor is readable.
        case wouldBlock
        /// Nothing at the moment, whatever the descriptor is.
        case unavailable
        case gone
    }

    /// Stores the next frame in `range`, cut off if it is longer.
    @inline(__always)
    public func receive(
        into range: GuestRange, of memory: GuestMemory
    ) -> Reception {
        receiving { () throws(Errno) in
            try memory.read(into: range.prefix(Self.largestFrame), from: file.number)
        }
    }

    /// Stores the next frame in `buffer` from `offset` on, cut off if it is longer.
    public func receive(into buffer: inout [UInt8], at offset: Int) -> Reception {
        receiving { () throws(Errno) in
            try retrying {
                // The kernel stores no more than the buffer has room for.
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
            // A tap has no empty frames; a socket whose other end is closed may have nothing else.
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
