import Rules

/// All that one launch needs from the moment on at which the guest runs. The rest is given up.
public struct Confinement {
    public var rules: [SystemCallRule]
    /// All that stays open, besides the standard streams; nil if that is all there is.
    public var descriptors: [Int32]?
    /// Where files can still be opened.
    public var places: [Place]
    /// Whether a launch for which a policy refuses any of the calls is of no use. Else only the core's
    /// are indispensable.
    public var needsAllRules = false
    /// To what size files may grow, in bytes; nil for any.
    public var largestFile: UInt64?
    /// What this host's hypervisor can't keep the guest from (see `Machine.missingProtections`).
    public var missingProtections: [String] = []

    /// A directory with all that lies beneath it.
    public struct Place: Equatable, Sendable {
        public enum Access: Sendable {
            case read
            /// Files can be read, changed, made and removed, and directories made.
            case write
            /// Empty directories can be removed from it. Landlock means any beneath it; which, is for
            /// a rule about system calls to say.
            case removal
            /// Files can be made in it. Landlock knows no right to make files that is not one to write
            /// to those that are there; so that none is, a rule about system calls has to say how files
            /// are opened.
            case creation
        }

        /// The directory's.
        public let descriptor: Int32
        public let access: Access
        /// Whether the launch has made it, for the guest alone.
        public let isNew: Bool

        public init(descriptor: Int32, access: Access, isNew: Bool = false) {
            self.descriptor = descriptor
            self.access = access
            self.isNew = isNew
        }
    }

    init(rules: [SystemCallRule], descriptors: [Int32]?, places: [Place], largestFile: UInt64?) {
        self.rules = rules
        self.descriptors = descriptors
        self.places = places
        self.largestFile = largestFile
    }
}
