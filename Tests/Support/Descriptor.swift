import Foundation

/// A descriptor of a test's, closed when the test is done with it. Close-on-exec.
public final class Descriptor: Sendable {
    public let number: Int32

    public init(owning number: Int32) {
        self.number = number
    }

    /// - Parameter flags: as in open(2), close-on-exec added.
    public convenience init(opening path: String, _ flags: Int32) throws {
        self.init(owning: try attempt { open(path, flags | O_CLOEXEC, 0o600) })
    }

    /// The two ends of a pipe, both of which block.
    public static func pipe() throws -> (reader: Descriptor, writer: Descriptor) {
        var ends: [Int32] = [-1, -1]
        try SpawnPlan.lock.withLock {
            try attempt { Glibc.pipe(&ends) }
            for end in ends { try attempt { fcntl(end, F_SETFD, FD_CLOEXEC) } }
        }
        return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
    }

    /// Two Unix sockets that are connected to each other.
    public static func socketPair(_ type: __socket_type) throws -> (Descriptor, Descriptor) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(type.rawValue | SOCK_CLOEXEC.rawValue)
        try attempt { socketpair(AF_UNIX, type, 0, &ends) }
        return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
    }

    /// Another descriptor for the same opening.
    public func duplicate() throws -> Descriptor {
        Descriptor(owning: try attempt { fcntl(number, F_DUPFD_CLOEXEC, 3) })
    }

    /// Whether the opening waits. All descriptors of the opening share this.
    public func setBlocking(_ blocks: Bool) throws {
        let flags = try attempt { fcntl(number, F_GETFL) }
        try attempt {
            fcntl(number, F_SETFL, blocks ? flags & ~O_NONBLOCK : flags | O_NONBLOCK)
        }
    }

    public func statusFlags() throws -> Int32 {
        try attempt { fcntl(number, F_GETFL) }
    }

    /// Writes what can be written at once; the number of bytes.
    @discardableResult
    public func write(_ bytes: [UInt8]) throws -> Int {
        try attempt { Glibc.write(number, bytes, bytes.count) }
    }

    /// Reads up to `count` bytes; none at the end, or if there are none and this does not block.
    public func read(upTo count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let result = Glibc.read(number, &bytes, count)
        if result < 0, errno == EAGAIN { return [] }
        guard result >= 0 else { throw SystemCallError(code: errno) }
        return Array(bytes.prefix(result))
    }

    /// Reads until there is nothing more: to the end, or as far as this gets without blocking.
    public func readAll() throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let more = try read(upTo: 65536)
            if more.isEmpty { return all }
            all += more
        }
    }

    /// Fills up a pipe or socket, so that not one byte more fits.
    ///
    /// - Returns: how many bytes it took.
    public func fill(with byte: UInt8 = UInt8(ascii: ".")) throws -> Int {
        let flags = try statusFlags()
        try setBlocking(false)
        defer { _ = fcntl(number, F_SETFL, flags) }
        var total = 0
        for size in [4096, 1] {
            let bytes = [UInt8](repeating: byte, count: size)
            while true {
                let result = Glibc.write(number, bytes, size)
                if result < 0 { break }
                total += result
            }
        }
        return total
    }

    deinit {
        close(number)
    }
}
