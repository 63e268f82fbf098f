import Bytes
import CLinux

/// A file that an option names, read whole before a guest runs: any that the operator can read, a
/// FIFO, a pipe such as a shell's `<(command)`, or a device among them.
public enum OptionFile {
    /// How long such a file can be, in bytes.
    public static let limit = 1 << 20
    /// How long to wait for a FIFO's writer to open it, in milliseconds.
    public static let writerPatience: Int32 = 2_000
    /// How long to wait for a writer that is there to go on, in milliseconds.
    public static let silencePatience: Int32 = 30_000

    /// Reads all of `path`.
    ///
    /// - Throws: also if it is longer than `limit`, or if nothing is written to it for so long.
    public static func read(
        _ path: String, limit: Int = limit, writerPatience: Int32 = writerPatience,
        silencePatience: Int32 = silencePatience
    ) throws(InputError) -> [UInt8] {
        let number: Int32? = descriptor(named: path)
        // A pipe that was opened again has no end if its writers are gone already; the descriptor
        // that we were started with has one. Any other file is read from its beginning.
        if let number, let kind = try? FileStatus(of: number).kind,
            kind == .other || kind == .socket
        {
            return try wrapping(InputError.init) { () throws(Errno) in
                try FileDescriptor.duplicate(number)
            }
            .readAll(limit, silencePatience, silencePatience)
        }
        // Never waits for the other end.
        return try wrapping(InputError.init) { () throws(Errno) in
            try FileDescriptor.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        }.readAll(limit, writerPatience, silencePatience)
    }

    /// The number of the descriptor that a path names: of /dev/fd/N, or of what is below such a
    /// directory; nil if it is no path of this kind.
    public static func descriptor(named path: String) -> Int32? {
        let bytes = path.utf8
        if bytes.elementsEqual("/dev/stdin".utf8) { return STDIN_FILENO }
        for directory in ["/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/"]
        where bytes.starts(with: directory.utf8) {
            let digits = bytes.dropFirst(directory.utf8.count).prefix {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            }
            return Int32(String(decoding: digits, as: UTF8.self))
        }
        return nil
    }

    /// Whether there is a file of this name, whatever it is.
    public static func exists(_ path: String) -> Bool {
        // The C string lives as long as the call.
        unsafe access(path, F_OK) == 0
    }
}

extension FileDescriptor {
    /// Reads to the end.
    ///
    /// - Parameter writerPatience: how long to wait for the first byte if nothing tells that there
    ///   is a writer.
    fileprivate borrowing func readAll(
        _ limit: Int, _ writerPatience: Int32, _ silencePatience: Int32
    ) throws(InputError) -> [UInt8] {
        var content: [UInt8] = []
        var hasWriter = false
        while true {
            let patience = hasWriter || !content.isEmpty ? silencePatience : writerPatience
            let isReady = try wrapping(InputError.init) { () throws(Errno) in
                try isReadable(patience)
            }
            // A FIFO that was never written to is not ready; to read tells whether a writer is there.
            if !isReady, patience == silencePatience {
                throw InputError(
                    "its writer has said nothing for \(patience / 1000) seconds, nor closed it")
            }
            // One more byte than there may be.
            switch try wrapping(
                InputError.init,
                { () throws(Errno) in
                    try next(min(limit - content.count + 1, 1 << 16))
                })
            {
            case .some(let bytes) where !bytes.isEmpty: content += bytes
            case .some where isReady || !content.isEmpty: return content
            case .some: throw InputError("no process writes to it")
            // There is one, who has nothing for now.
            case nil: hasWriter = true
            }
            guard content.count <= limit else {
                throw InputError("it is longer than \(limit) bytes")
            }
        }
    }

    /// Waits until there is something to read, or an end or an error to be told.
    private borrowing func isReadable(_ milliseconds: Int32) throws(Errno) -> Bool {
        var request = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        // poll reads the one request and fills in its answer.
        return try retrying { unsafe poll(&request, 1, milliseconds) } > 0
    }

    /// read(2).
    ///
    /// - Returns: none at the end; nil if there is nothing for now.
    private borrowing func next(_ count: Int) throws(Errno) -> [UInt8]? {
        var failure: Errno?
        // The kernel fills in no more than the array has room for.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(Errno) {
                filled = try retrying { unsafe CLinux.read(number, buffer.baseAddress, count) }
            } catch {
                failure = error
            }
        }
        if failure?.code == EAGAIN { return nil }
        if let failure { throw failure }
        return bytes
    }
}

extension InputError {
    fileprivate init(_ errno: Errno) {
        self.init(errno.description)
    }
}
