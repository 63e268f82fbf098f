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

    init() {}

    /// Device `handle` is ready whenever `descriptor` can be read.
    public func add(_ descriptor: Int32, handle: Int, isSocket: Bool = false) {
        members.append(Member(descriptor: descriptor, handle: handle, isSocket: isSocket))
    }
}
