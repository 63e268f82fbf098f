#if Uhyve
    import CLinux
    import Glibc
    import Linux

    /// Two sockets that exchange frames: one in place of a tap, the other for the test.
    final class NetworkWire {
        private var tap: FileDescriptor?
        private var end: FileDescriptor?

        init() throws {
            // As the tender does.
            linux_ignore_signal(SIGPIPE)
            var ends: [Int32] = [-1, -1]
            let type = Int32(
                SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
            guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw Errno.current }
            tap = try FileDescriptor(owning: ends[0])
            end = try FileDescriptor(owning: ends[1])
        }

        /// The device's end, once.
        func takeTap() throws -> FileDescriptor {
            guard let tap = tap.take() else { throw Errno(EBADF) }
            return tap
        }

        @discardableResult
        func send(_ frame: [UInt8]) -> Bool {
            write(end?.number ?? -1, frame, frame.count) == frame.count
        }

        /// The next frame, if one comes within `timeout` milliseconds.
        func receive(timeout: Int32 = 60_000) -> [UInt8]? {
            var waiting = pollfd(fd: end?.number ?? -1, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, timeout) == 1 else { return nil }
            var frame = [UInt8](repeating: 0, count: 70000)
            let count = read(end?.number ?? -1, &frame, frame.count)
            return count > 0 ? Array(frame.prefix(count)) : nil
        }

        func close() {
            end = nil
        }
    }

    /// A frame of this many bytes that is unlike those with other tags.
    func frame(_ count: Int, tag: UInt8 = 1) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) &+ tag }
    }

    /// Whether `condition` comes true before long, even on a busy machine.
    func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
        for _ in 0..<60_000 {
            if try condition() { return true }
            usleep(1000)
        }
        return false
    }
#endif
