import CLinux
import Linux

/// A guest's console output, in order, as long as a reader takes it.
///
/// Lost output is never reported to the guest: a closed console drops it silently, and a full one
/// delays the guest by up to `patience`, then drops output until the reader is back.
///
/// One thread at a time may write.
public final class Console {
    /// The console's own duplicate, independent of the original.
    private let descriptor: FileDescriptor
    private let patience: UInt64
    private let way: OutputWay
    /// Whether it is a named FIFO, which another reader may open later.
    private let isNamedFIFO: Bool
    /// Counts the dropped bytes.
    private let loss: ConsoleLoss
    /// Whether the last wait for the reader timed out, and it has not read since.
    private var isStalled = false
    /// The cause why all further output is dropped, if it is.
    private var end: ConsoleLoss.Cause?

    /// - Returns: nil if the descriptor is closed, or not for writing.
    /// - Parameters:
    ///   - descriptor: is duplicated, and stays the caller's.
    ///   - patience: the longest delay of a write, in nanoseconds.
    ///   - loss: counts the dropped bytes.
    /// - Throws: if fstat(2) or fcntl(2) fails.
    public init?(
        _ descriptor: Int32, patience: UInt64, loss: ConsoleLoss = ConsoleLoss()
    ) throws(Errno) {
        self.patience = patience
        self.loss = loss
        let kind: FileStatus.Kind
        do throws(Errno) {
            kind = try FileStatus(of: descriptor).kind
        } catch {
            guard error.code == EBADF else { throw error }
            return nil
        }
        // Not reopened for writing if it was opened read-only.
        guard OutputWay.isWritable(descriptor, kind) else { return nil }
        isSocket = kind == .socket
        canBeFull = kind == .socket || kind == .other
        isNamedFIFO = kind == .other && linux_is_named_fifo(descriptor) != 0
        if kind == .other {
            do throws(Errno) {
                self.descriptor = try OutputWay.reopen(descriptor)
                way = .write
                return
            } catch {}
        }
        self.descriptor = try FileDescriptor.duplicate(descriptor)
        way = OutputWay(sharing: kind)
    }

    /// The console of a launch.
    public static func attach(
        _ descriptor: Int32 = STDOUT_FILENO, patience: UInt64, loss: ConsoleLoss
    ) throws(ModuleError) -> Console? {
        do throws(Errno) {
            return try Console(descriptor, patience: patience, loss: loss)
        } catch {
            throw ModuleError("Could not use standard output: \(error)")
        }
    }

    public var descriptorNumber: Int32 { descriptor.number }
    /// Whether it is written to by sendto(2).
    public let isSocket: Bool
    /// Whether a write may have to wait for a reader.
    public let canBeFull: Bool

    /// Writes bytes from guest memory.
    public func write(_ range: GuestRange, of memory: GuestMemory) {
        write(range.count) { (done, most, way) throws(Errno) in
            let rest = range.dropFirst(done).prefix(most)
            return way == .send
                ? try memory.send(rest, to: descriptor.number)
                : try memory.write(rest, to: descriptor.number)
        }
    }

    /// Writes the tender's own bytes.
    public func write(_ bytes: [UInt8]) {
        write(bytes.count) { (done, most, way) throws(Errno) in
            let rest = bytes[done...].prefix(most)
            return way == .send
                ? try Output.send(rest, to: descriptor.number)
                : try Output.write(rest, to: descriptor.number)
        }
    }

    /// - Parameter write: writes up to `most` bytes from index `done` on, and returns their number.
    @inline(__always)
    private func write(
        _ count: Int, _ write: (_ done: Int, _ most: Int, _ way: OutputWay) throws(Errno) -> Int
    ) {
        if let end { return loss.add(count, end) }
        var done = 0
        var deadline: Deadline?
        while done < count {
            do throws(Errno) {
                var most = count - done
                if way == .careful {
                    guard hasRoom(within: 0) else { throw Errno(EAGAIN) }
                    most = min(most, OutputWay.carefulCount)
                }
                done += try write(done, most, way)
                isStalled = false
            } catch {
                guard error.code == EAGAIN else {
                    return fail(error, count - done)
                }
                if deadline == nil { deadline = Deadline(after: isStalled ? 0 : patience) }
                guard let remaining = deadline?.remaining, remaining > 0 else {
                    isStalled = true
                    return loss.add(count - done, .slowReader)
                }
                waitForRoom(remaining)
            }
        }
    }

    /// Handles a failed write. Errors are permanent, except a full disk or a FIFO without a reader.
    ///
    /// - Parameter count: the number of bytes dropped.
    private func fail(_ error: Errno, _ count: Int) {
        let cause: ConsoleLoss.Cause
        switch error.code {
        case ENOSPC, EDQUOT: return loss.add(count, .failure(error))
        case EPIPE where isNamedFIFO: return loss.add(count, .noReader)
        case EPIPE, ECONNRESET: cause = .closed
        default: cause = .failure(error)
        }
        end = cause
        loss.add(count, cause)
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
