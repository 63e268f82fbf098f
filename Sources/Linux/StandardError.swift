import CLinux
import Synchronization

/// Standard error, which is written to from anywhere, handlers of signals included: all calls here
/// are those that signal-safety(7) allows, and nothing is allocated.
///
/// Bytes that its reader does not take within `patience` are dropped, and from then on there is no
/// waiting until it reads again: the tender neither hangs nor ends because of a message.
///
/// This is one of the files with unsafe pointers: a handler can't have arrays.
@safe public enum StandardError {
    /// For how long a reader that does not read is waited for, in nanoseconds.
    public static let patience: UInt64 = 5_000_000_000
    /// The same when a signal wants the process to end.
    public static let patienceAtEnd: UInt64 = 200_000_000

    // Set by `adopt`, before there are handlers or other threads.
    private nonisolated(unsafe) static var way = OutputWay.careful
    private nonisolated(unsafe) static var hasReader = false
    /// Whether writing may have to wait for a reader.
    public static var canBeFull: Bool { unsafe hasReader }
    public static var isSocket: Bool { unsafe hasReader && way == .send }
    /// The program's name if messages are written as JSON. Never freed.
    private nonisolated(unsafe) static var recorder: UnsafeBufferPointer<UInt8>?

    // Set by any thread and by handlers of signals.
    private static let isStalled = Atomic(false)
    private static let isEnding = Atomic(false)

    /// Makes descriptor 2 an opening of our own which does not block, if it is a pipe or terminal, so
    /// that this also holds for what writes to it by itself, such as the C library.
    public static func adopt() {
        let number = STDERR_FILENO
        guard let kind = try? FileStatus(of: number).kind, OutputWay.isWritable(number, kind)
        else { return }
        unsafe way = OutputWay(sharing: kind)
        unsafe hasReader = kind == .other || kind == .socket
        guard kind == .other, let own = try? OutputWay.reopen(number) else { return }
        if dup3(own.number, number, 0) == number { unsafe way = .write }
    }

    /// From now on each message is written as a JSON object on a line of its own.
    ///
    /// - Parameter program: the name that messages begin with, which becomes a member instead.
    public static func writeRecords(of program: String) {
        let bytes = Array(program.utf8)
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        unsafe _ = copy.initialize(from: bytes)
        unsafe recorder = UnsafeBufferPointer(copy)
    }

    /// From now on nothing is waited for longer than `patienceAtEnd`.
    public static func hurry() {
        isEnding.store(true, ordering: .relaxed)
    }

    /// Writes a message: one line or several.
    ///
    /// - Returns: whether all was written; the rest is dropped.
    @discardableResult
    public static func write(_ message: UnsafeRawBufferPointer) -> Bool {
        unsafe write(message, isDirect: false)
    }

    /// As `write`, with write(2) as the only system call, which may block.
    public static func writeDirectly(_ message: UnsafeRawBufferPointer) {
        unsafe _ = write(message, isDirect: true)
    }

    private static func write(_ message: UnsafeRawBufferPointer, isDirect: Bool) -> Bool {
        guard let program = unsafe recorder else {
            return unsafe write(plain: message, isDirect: isDirect)
        }
        return unsafe LogRecord.write(message, of: program, isDirect: isDirect)
    }

    /// Writes these bytes as they are.
    static func write(plain bytes: UnsafeRawBufferPointer, isDirect: Bool) -> Bool {
        guard isDirect else { return unsafe writeAll(bytes) }
        // The caller's bytes stay valid during the call.
        return unsafe CLinux.write(STDERR_FILENO, bytes.baseAddress, bytes.count) == bytes.count
    }

    private static func writeAll(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = unsafe bytes
        // The kernel stores in it how much of it is left.
        var time = timespec(nanoseconds: patience)
        while let start = rest.baseAddress, unsafe !rest.isEmpty {
            // The caller's bytes stay valid during the calls.
            let count = unsafe writeSome(start, rest.count)
            if count >= 0 {
                isStalled.store(false, ordering: .relaxed)
                unsafe rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
                continue
            }
            switch linux_errno() {
            case EINTR: continue
            case EAGAIN: guard waitForRoom(&time) else { return false }
            default: return false
            }
        }
        return true
    }

    /// As write(2), but with EAGAIN instead of waiting.
    private static func writeSome(_ start: UnsafeRawPointer, _ count: Int) -> Int {
        switch unsafe way {
        case .write: return unsafe CLinux.write(STDERR_FILENO, start, count)
        case .send:
            let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
            return unsafe send(STDERR_FILENO, start, count, flags)
        case .careful:
            var none = timespec()
            let result = poll(&none)
            // Where a policy refuses to say whether there is room, it is better to wait for the
            // reader, as other programs do, than to say nothing.
            let isUnknown = result < 0 && linux_errno() != EINTR
            guard result > 0 || isUnknown else {
                linux_set_errno(EAGAIN)
                return -1
            }
            return unsafe CLinux.write(STDERR_FILENO, start, min(count, OutputWay.carefulCount))
        }
    }

    /// - Returns: whether it is worth another try.
    private static func waitForRoom(_ time: inout timespec) -> Bool {
        if isStalled.load(ordering: .relaxed) { return false }
        if isEnding.load(ordering: .relaxed), time.nanoseconds > patienceAtEnd {
            time = timespec(nanoseconds: patienceAtEnd)
        }
        let result = poll(&time)
        if result == 0 { isStalled.store(true, ordering: .relaxed) }
        return result > 0 || result < 0 && linux_errno() == EINTR
    }

    private static func poll(_ time: inout timespec) -> Int32 {
        var request = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        // The kernel reads the request and the time, and fills in the answers.
        return unsafe linux_ppoll(&request, 1, &time)
    }
}
