import Foundation

/// Something that runs on a thread of its own while a test blocks.
///
/// Tests share a few threads that must not wait for each other; this one is extra.
public final class Background: @unchecked Sendable {
    private let done = DispatchSemaphore(value: 0)
    private let lock = NSLock()
    private var failure: (any Error)?

    public init(_ body: @escaping @Sendable () throws -> Void) {
        Thread { [self] in
            do {
                try body()
            } catch {
                lock.withLock { failure = error }
            }
            done.signal()
        }.start()
    }

    /// Waits for it to end, once; its error becomes the caller's.
    public func join() throws {
        done.wait()
        if let failure = lock.withLock({ failure }) { throw failure }
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
