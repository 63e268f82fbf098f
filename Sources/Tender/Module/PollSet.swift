/// The descriptors that signal readiness of devices.
public final class PollSet {
    public struct Member: Equatable, Sendable {
        public let descriptor: Int32
        /// The device's index in the application manifest.
        public let handle: Int
        /// Whether it is a socket, which can be shut down while its descriptor stays open.
        public let isSocket: Bool
    }

    public private(set) var members: [Member] = []
    /// Whether a member is ready even if its descriptor can't be read, by index.
    private var reserves: [() -> Bool] = []
    /// What is to be done when a member has nothing but its end, by index.
    private var endings: [(() -> Void)?] = []

    init() {}

    /// Device `handle` is ready whenever `descriptor` can be read.
    ///
    /// - Parameters:
    ///   - hasMore: whether the device has something that it has already read.
    ///   - whenEnded: called when the descriptor has nothing but an error or its end, since
    ///     the guest, which is not told that it is readable, may never try it.
    public func add(
        _ descriptor: Int32, handle: Int, isSocket: Bool = false,
        hasMore: @escaping () -> Bool = { false }, whenEnded: (() -> Void)? = nil
    ) {
        members.append(Member(descriptor: descriptor, handle: handle, isSocket: isSocket))
        endings.append(whenEnded)
        reserves.append(hasMore)
    }

    /// A bitmap, by handle, of the devices that are ready whether or not they can be read.
    public var reserve: UInt64 {
        var bits: UInt64 = 0
        for index in members.indices where reserves[index]() {
            bits |= 1 << UInt64(members[index].handle)
        }
        return bits
    }

    /// To be called when the member at `index` is found to have ended.
    public func hasEnded(at index: Int) {
        endings[index]?()
    }
}
