import CLinux
import Linux

/// Frames over a stream socket, each after its length as 4 bytes in network byte order: what passt,
/// gvproxy and QEMU (`-netdev stream`) speak.
///
/// Nothing waits, and nothing is allocated once it exists:
/// - A frame for which the socket has no room is dropped. Of one that the socket took in part, the
///   rest is kept, and goes first when the next frame is sent or received.
/// - No frame is kept that was received: of the next one, at most the length is read ahead. So the
///   socket is readable whenever there is a frame.
/// - A frame that is longer than any can be means that the peer does not speak this protocol. What
///   it sends from then on is discarded.
///
/// One thread at a time may use it.
///
/// This is one of the files with unsafe pointers: frames are copied to and from guest memory.
@safe final class FrameStream: @unchecked Sendable {
    /// The size of the length, in bytes.
    static let prefix = 4
    /// The most reads of one call of `receive`: of a length, and of its frame.
    private static let mostReads = 2

    private let socket: Int32

    // The last frame, and what of it is not sent yet.
    private var outgoing = [UInt8](repeating: 0, count: prefix + NetworkBackend.largestFrame)
    private var unsent = 0..<0

    // The next frame's length and bytes as far as they have come, and the length after them.
    private var incoming = [UInt8](
        repeating: 0, count: prefix + NetworkBackend.largestFrame + prefix)
    private var filled = 0
    private var ending: Ending?

    /// - Parameter socket: nonblocking; stays open as long as this object is used.
    init(_ socket: Int32) {
        self.socket = socket
    }

    // MARK: Sending

    /// Sends the frame of `count` bytes that `copy` stores, or drops it.
    ///
    /// - Returns: whether it was sent, or part of it, to be followed by the rest.
    /// - Throws: EPIPE or its like if the peer has closed the connection.
    func send(
        count: Int, _ copy: (UnsafeMutableRawBufferPointer) -> Void
    ) throws(Errno) -> Bool {
        guard count > 0, count <= NetworkBackend.largestFrame else { return false }
        guard try sendRest() else { return false }
        unsafe outgoing.withUnsafeMutableBytes { bytes in
            unsafe bytes.storeBytes(of: UInt32(count).bigEndian, as: UInt32.self)
            let room = unsafe bytes[Self.prefix..<Self.prefix + count]
            unsafe copy(UnsafeMutableRawBufferPointer(rebasing: room))
        }
        unsent = 0..<Self.prefix + count
        if try !sendRest(), unsent.lowerBound == 0 {
            unsent = 0..<0
            return false
        }
        return true
    }

    /// - Returns: whether nothing is left.
    private func sendRest() throws(Errno) -> Bool {
        guard !unsent.isEmpty else { return true }
        do throws(Errno) {
            let count = try Output.write(outgoing[unsent], to: socket)
            unsent = unsent.lowerBound + count..<unsent.upperBound
            return unsent.isEmpty
        } catch {
            if error.code == EAGAIN { return false }
            throw error
        }
    }

    // MARK: Receiving

    /// The end of a connection.
    enum Ending: Equatable, Sendable {
        case closed
        case failed(Errno)
        /// The peer announced a frame of this many bytes.
        case frameTooLong(UInt32)
    }

    enum Arrival: Equatable, Sendable {
        case frame(count: Int)
        /// No frame until the socket is readable.
        case nothing
        case ended(Ending)
    }

    /// Receives the next frame.
    ///
    /// - Parameters:
    ///   - room: the size of the longest frame to be stored; a longer one is truncated.
    ///   - copy: stores the frame.
    func receive(
        upTo room: Int, _ copy: (UnsafeRawBufferPointer) -> Void
    ) -> Arrival {
        // The peer may wait for it before it sends anything. A failure shows below as well.
        _ = try? sendRest()
        if let ending {
            // Otherwise the socket would be readable for ever.
            if case .frameTooLong = ending { _ = try? read(upTo: incoming.count, at: 0) }
            return .ended(ending)
        }
        for reads in 0...Self.mostReads {
            // Checked before anything is read for it: also the length that was read ahead.
            while let length {
                guard length <= UInt32(NetworkBackend.largestFrame) else {
                    return end(.frameTooLong(length))
                }
                guard filled >= Self.prefix + Int(length) else { break }
                let count = unsafe take(Int(length), upTo: room, copy)
                if length > 0 { return .frame(count: count) }
            }
            guard reads < Self.mostReads else { break }
            do throws(Errno) {
                let count = try read(upTo: end - filled, at: filled)
                guard count > 0 else { return end(.closed) }
                filled += count
            } catch {
                return error.code == EAGAIN ? .nothing : end(.failed(error))
            }
        }
        return .nothing
    }

    private func end(_ ending: Ending) -> Arrival {
        self.ending = ending
        return .ended(ending)
    }

    private func read(upTo count: Int, at offset: Int) throws(Errno) -> Int {
        try retrying {
            // The kernel stores no more than the part's size.
            unsafe incoming.withUnsafeMutableBytes { bytes in
                let part = unsafe bytes[offset..<offset + count]
                let room = unsafe UnsafeMutableRawBufferPointer(rebasing: part)
                return unsafe CLinux.read(socket, room.baseAddress, room.count)
            }
        }
    }

    /// The next frame's length, once it is there.
    private var length: UInt32? {
        guard filled >= Self.prefix else { return nil }
        return incoming[..<Self.prefix].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Where the part ends that is to be read next. The length was checked.
    private var end: Int {
        guard let length else { return Self.prefix }
        return Self.prefix + Int(length) + Self.prefix
    }

    /// Takes the first frame, which is complete, and keeps the length after it.
    ///
    /// - Returns: how much was stored.
    private func take(
        _ length: Int, upTo room: Int, _ copy: (UnsafeRawBufferPointer) -> Void
    ) -> Int {
        let frameEnd = Self.prefix + length
        let count = min(length, room)
        unsafe incoming.withUnsafeBytes { bytes in
            let frame = unsafe bytes[Self.prefix..<Self.prefix + count]
            unsafe copy(UnsafeRawBufferPointer(rebasing: frame))
        }
        for index in frameEnd..<filled { incoming[index - frameEnd] = incoming[index] }
        filled -= frameEnd
        return count
    }
}
