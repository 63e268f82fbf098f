import ABI
import CLinux
import Linux
import Tap
import Tender

/// Whatever carries the guest's frames: a tap, or a socket that keeps frames apart.
final class NetDevice {
    private let file: FileDescriptor
    /// The largest payload of a frame, in bytes.
    let mtu: UInt16

    /// What surrounds the payload: a header, and perhaps a VLAN tag within.
    private static let headerSize = UInt64(ETH_HLEN)
    private static let tagSize = UInt64(4)

    init(_ tap: consuming TapAttachment) {
        mtu = tap.mtu
        file = tap.takeFile()
    }

    var descriptor: Int32 { file.number }
    /// Whether it is a socket that stands in for a tap.
    var isSocket: Bool { (try? FileStatus(of: file.number))?.kind == .socket }

    /// Whether a frame of this size can be sent at all.
    @inline(__always)
    func takes(count: UInt64) -> Bool {
        count >= Self.headerSize && count <= UInt64(mtu) + Self.headerSize + Self.tagSize
    }

    /// Sends the frame in `range`. What can't be sent just now is dropped, as on any network.
    ///
    /// - Returns: HVT_RESULT_OK, or HVT_RESULT_UNSPECIFIED once there is nothing to send by.
    @inline(__always)
    func write(_ range: GuestRange, of memory: GuestMemory) -> Int32 {
        do throws(Errno) {
            _ = try memory.write(range, to: file.number)
        } catch {
            if error.isFinal { return HVT_RESULT_UNSPECIFIED }
        }
        return HVT_RESULT_OK
    }

    /// The outcome of `read`: the frame's size means something only if the result is OK.
    struct Reception {
        let result: Int32
        let count: Int
    }

    /// Stores the next frame in `range`, cut off if it is longer.
    ///
    /// The result is HVT_RESULT_AGAIN while there is none, and HVT_RESULT_UNSPECIFIED once none can
    /// come any more.
    @inline(__always)
    func read(into range: GuestRange, of memory: GuestMemory) -> Reception {
        do throws(Errno) {
            // No frame is longer than this, whatever the guest has room for.
            let room = range.prefix(Int(UInt16.max) + Int(Self.headerSize + Self.tagSize))
            let count = try memory.read(into: room, from: file.number)
            return Reception(result: count > 0 ? HVT_RESULT_OK : HVT_RESULT_AGAIN, count: count)
        } catch {
            let result = error.isFinal ? HVT_RESULT_UNSPECIFIED : HVT_RESULT_AGAIN
            return Reception(result: result, count: 0)
        }
    }
}

extension Errno {
    /// Whether it is no use to try again later: the interface was deleted, or the other end of the
    /// socket closed. An interface that is down, for one, may come up again.
    @inline(__always)
    fileprivate var isFinal: Bool {
        switch code {
        case EBADF, EBADFD, ENODEV, ENXIO, ENOTCONN, EPIPE, ECONNRESET, ESHUTDOWN: true
        default: false
        }
    }
}
