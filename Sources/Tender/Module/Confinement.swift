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

    /// - Parameter manifests: of all modules that take part, besides those that observe.
    public init(
        _ manifests: [ModuleManifest], _ bindings: Bindings, _ observation: Observation,
        places: [Place] = [], largestFile: UInt64? = nil
    ) {
        var bindings = bindings
        bindings.add(Core.bindings)
        bindings.add(observation.bindings)
        rules = bindings.rules(Core.systemCalls, of: "core")
        for manifest in manifests + observation.manifests {
            rules += bindings.rules(manifest.allSystemCalls, of: manifest.name)
        }
        descriptors = bindings.descriptors
        self.places = places + observation.places
        self.largestFile = largestFile.map { max($0, observation.largestFile) }
    }
}

/// How a launch gives up what its guest will not need.
public struct LaunchLock {
    /// Whether the guest is not to run, so that the launch must leave nothing behind.
    public var isRehearsal: Bool
    /// To be done before anything is opened, for launches that can't list their descriptors.
    public let closeInherited: (ImageFile, [OptionValue]) throws(TenderError) -> Void
    /// What a process can give up only before it starts threads.
    public let confine: (Confinement) throws(TenderError) -> Void
    /// The rest, once all threads are there. From then on only the confinement's system calls can be
    /// made, by any of them.
    public let close: (Confinement) throws(TenderError) -> Void

    public init(
        isRehearsal: Bool = false,
        closeInherited: @escaping (ImageFile, [OptionValue]) throws(TenderError) -> Void,
        confine: @escaping (Confinement) throws(TenderError) -> Void,
        close: @escaping (Confinement) throws(TenderError) -> Void
    ) {
        self.isRehearsal = isRehearsal
        self.closeInherited = closeInherited
        self.confine = confine
        self.close = close
    }
}
