import Rules

/// All rights that one launch needs once the guest runs. All others are dropped.
public struct Confinement {
    public var rules: [SystemCallRule]
    /// The descriptors that stay open, besides the standard streams; nil if there are no others.
    public var descriptors: [Int32]?
    /// The directories in which files can still be opened (Landlock rules).
    public var paths: [Path]
    /// Whether the launch fails if a policy refuses any of the calls. If false, only the core's
    /// calls are required.
    public var needsAllRules = false
    /// The largest size of files, in bytes (RLIMIT_FSIZE); nil for any.
    public var largestFile: UInt64?
    /// The protections that this host's hypervisor lacks (see `Machine.missingProtections`).
    public var missingProtections: [String] = []

    /// A directory and everything beneath it.
    public struct Path: Equatable, Sendable {
        public enum Access: Sendable {
            case read
            /// Files can be read, written, created and removed, and directories created.
            case write
            /// Empty directories can be removed. Landlock grants this for the whole subtree; a
            /// system call rule limits which.
            case removal
            /// Files can be created. Landlock has no right to create files that excludes writing to
            /// existing ones; a system call rule limits how files are opened.
            case creation
        }

        /// The directory's file descriptor.
        public let descriptor: Int32
        public let access: Access
        /// Whether the launch created it, for this guest only.
        public let isNew: Bool

        public init(descriptor: Int32, access: Access, isNew: Bool = false) {
            self.descriptor = descriptor
            self.access = access
            self.isNew = isNew
        }
    }

    init(rules: [SystemCallRule], descriptors: [Int32]?, paths: [Path], largestFile: UInt64?) {
        self.rules = rules
        self.descriptors = descriptors
        self.paths = paths
        self.largestFile = largestFile
    }
}
