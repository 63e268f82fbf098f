import Foundation

/// Something that runs on a thread of its own while a test blocks.
///
/// Tests share a few threads that must not wait for each other; this one is extra. What an
/// expectation on this thread finds belongs to no test: let it return what is to be expected.
public final class Background<Value: Sendable>: @unchecked Sendable {
    private let done = DispatchSemaphore(value: 0)
    private let lock = NSLock()
    private var result: Result<Value, any Error>?

    public init(_ body: @escaping @Sendable () throws -> Value) {
        Thread { [self] in
            let result = Result { try body() }
            lock.withLock { self.result = result }
            done.signal()
        }.start()
    }

    /// Waits for it to end, once; its result or error becomes the caller's.
    @discardableResult
    public func join() throws -> Value {
        done.wait()
        // There is a result before there is a signal.
        guard let result = lock.withLock({ result }) else { throw SystemCallError(code: ESRCH) }
        return try result.get()
    }
}

/// Gives the calling thread descriptors of its own: copies, which it can close and replace without
/// harm to others. For use on a thread of one's own, such as a `Background`.
public func unshareDescriptors() throws {
    typealias Function = @convention(c) (Int32) -> Int32
    // Foundation's headers lack it.
    guard let symbol = dlsym(nil, "unshare") else { throw SystemCallError(code: ENOSYS) }
    // CLONE_FILES, unshare(2).
    try attempt { unsafeBitCast(symbol, to: Function.self)(0x400) }
}
