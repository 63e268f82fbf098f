import CLinux
import Linux

/// Where a guest's output goes: all of it, in order, for as long as somebody takes it.
///
/// Output is a courtesy to the guest. When nobody can take it, it is dropped, and the guest never
/// learns: a console that is closed ends nothing, and one that is full delays the guest by no more
/// than `patience` before what does not fit is dropped, until the reader is back.
///
/// One thread at a time may write.
public final class Console {
    private enum Way {
        /// write(2), which does not block.
        case write
        /// send(2), which can be told not to block.
        case send
        /// write(2), which may block, and so only what is sure to fit at once.
        case careful
        /// Nobody is there any more.
        case closed
    }

    /// Our own, whatever happens to the one that it is a copy of.
    private let descriptor: FileDescriptor
    private let patience: UInt64
    private var way: Way
    /// Whether the reader has used up our patience and not come back.
    private var isStalled = false

    /// A pipe with room takes this much without blocking (pipe(7), PIPE_BUF).
    private static let carefulCount = 4096

    /// - Returns: nil if the descriptor is closed, or not for writing.
    /// - Parameters:
    ///   - descriptor: is copied, and stays the caller's.
    ///   - patience: in nanoseconds.
    /// - Throws: if it can't be looked at or copied.
    public init?(_ descriptor: Int32, patience: UInt64) throws(Errno) {
        self.patience = patience
        let kind: FileStatus.Kind
        do throws(Errno) {
            kind = try FileStatus(of: descriptor).kind
        } catch {
            guard error.code == EBADF else { throw error }
            return nil
        }
        // What we were not given for writing is not ours to open for writing.
        guard linux_fcntl(descriptor, F_GETFL, 0) & O_ACCMODE != O_RDONLY else { return nil }
        isSocket = kind == .socket
        canBeFull = kind == .socket || kind == .other
        if kind == .other {
            // Non-blocking is a property of the opening, which we share with whoever started us;
            // so this opens the same pipe or terminal once more.
            let flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_APPEND
            do throws(Errno) {
                self.descriptor = try FileDescriptor.open("/proc/self/fd/\(descriptor)", flags)
                way = .write
                return
            } catch {}
        }
        self.descriptor = try FileDescriptor.duplicate(descriptor)
        switch kind {
        case .regular, .blockDevice: way = .write
        case .socket: way = .send
        case .other: way = .careful
        }
    }

    /// A launch's.
    public static func attach(
        _ descriptor: Int32 = STDOUT_FILENO, patience: UInt64
    ) throws(ModuleError) -> Console? {
        do throws(Errno) {
            return try Console(descriptor, patience: patience)
        } catch {
            throw ModuleError("Could not use standard output: \(error)")
        }
    }

    public var descriptorNumber: Int32 { descriptor.number }
    /// Whether it is written to by sendto(2).
    public let isSocket: Bool
    /// Whether writing to it may have to wait for a reader.
    public let canBeFull: Bool

    /// Writes bytes of the guest's.
    public func write(_ range: GuestRange, of memory: GuestMemory) {
        write(range.count) { (done, most, way) throws(Errno) in
            let rest = range.dropFirst(done).prefix(most)
            return way == .send
                ? try memory.send(rest, to: descriptor.number)
                : try memory.write(rest, to: descriptor.number)
        }
    }

    /// Writes bytes of the tender's own.
    public func write(_ bytes: [UInt8]) {
        write(bytes.count) { (done, most, way) throws(Errno) in
            let rest = bytes[done...].prefix(most)
            return way == .send
                ? try Output.send(rest, to: descriptor.number)
                : try Output.write(rest, to: descriptor.number)
        }
    }

    /// - Parameter write: writes up to `most` bytes from the one with index `done` on, and returns
    ///   how many.
    @inline(__always)
    private func write(
        _ count: Int, _ write: (_ done: Int, _ most: Int, _ way: Way) throws(Errno) -> Int
    ) {
        var done = 0
        var deadline: Deadline?
        while done < count, way != .closed {
            do throws(Errno) {
                var most = count - done
                if way == .careful {
                    guard hasRoom(within: 0) else { throw Errno(EAGAIN) }
                    most = min(most, Self.carefulCount)
                }
                done += try write(done, most, way)
                isStalled = false
            } catch {
                guard error.code == EAGAIN else {
                    // A console that fails does so for good, but for a full disk.
                    if error.code != ENOSPC, error.code != EDQUOT { way = .closed }
                    return
                }
                if deadline == nil { deadline = Deadline(after: isStalled ? 0 : patience) }
                guard let remaining = deadline?.remaining, remaining > 0 else {
                    isStalled = true
                    return
                }
                waitForRoom(remaining)
            }
        }
    }

    private func waitForRoom(_ nanoseconds: UInt64) {
        _ = hasRoom(within: nanoseconds)
    }

    private func hasRoom(within nanoseconds: UInt64) -> Bool {
        var request = pollfd(fd: descriptor.number, events: Int16(POLLOUT), revents: 0)
        var timeout = timespec(nanoseconds: nanoseconds)
        // ppoll reads the one request and the timeout, and fills in the answer.
        return unsafe ppoll(&request, 1, &timeout, nil) > 0
    }
}
