import CLinux
import Linux
import Tender

/// Closes the door behind a launch: what its guest will not need, the process gives up for good,
/// before the guest's first instruction.
public struct Sandbox {
    public let mode: SandboxMode
    /// Whom the guest is to run as, if not as whoever started us.
    public let user: User?
    /// What lines on standard error begin with.
    let program: String
    /// Tells the operator what this kernel lacks.
    let warn: (String) -> Void

    /// How much of the heap is at hand when the guest starts, in bytes. The run loop takes none of
    /// it; a message about the guest's end does.
    private static let reservedHeap = 256 << 10

    public init(
        mode: SandboxMode, user: User? = nil, program: String,
        warn: @escaping (String) -> Void = { _ in }
    ) {
        self.mode = mode
        self.user = user
        self.program = program
        self.warn = warn
    }

    /// Closes what whoever started us left open, but for the standard streams and what options name
    /// as `@FD`. For launches that can't tell what they open; they have opened nothing yet.
    public func closeInherited(but request: GuestRequest) throws(SandboxError) {
        let named = request.options.compactMap { option -> Int32? in
            guard option.value.utf8.first == UInt8(ascii: "@") else { return nil }
            return Int32(option.value.dropFirst())
        }
        try part("descriptors") { () throws(Errno) in
            try Resources.closeDescriptors(but: named + [request.image.descriptorNumber])
        }
    }

    /// Gives up what has to be given up before there are other threads.
    public func confine(_ confinement: Confinement) throws(SandboxError) {
        #if Unsafe
            if mode == .off {
                warn("the guest runs without a sandbox")
                return
            }
        #endif
        if mode == .inherited, !SystemCallFilter.isInherited { throw .nothingInherited }
        for part in confinement.missingProtections {
            guard mode != .strict else { throw .missing(part) }
            warn("this kernel has no \(part): the sandbox does without")
        }
        Refusal.explainOuter(program: program)
        // While we still may.
        try part("capabilities") { () throws(Errno) in try Privileges.emptyBoundingSet() }
        if let user {
            guard Privileges.isRoot else { throw .notRoot }
            try part("another user") { () throws(Errno) in
                for place in confinement.places where place.isNew {
                    try Privileges.give(place.descriptor, to: user)
                }
                try Privileges.become(user)
            }
        }
        try part("no new privileges") { () throws(Errno) in try Privileges.renounceNew() }
        try closeFileSystem(but: confinement.places)
        try part("capabilities") { () throws(Errno) in try Privileges.dropCapabilities() }
        try part("readability of /proc") { () throws(Errno) in
            try Privileges.setDumpable(mode != .strict)
        }
    }

    private func closeFileSystem(but places: [Confinement.Place]) throws(SandboxError) {
        var outcome = FileSystemLock.Outcome.missing
        try part("Landlock") { () throws(Errno) in
            outcome = try FileSystemLock.close(but: places)
        }
        switch outcome {
        case .closed: break
        case .missing:
            guard mode != .strict else { throw .missing("Landlock") }
            warn("this kernel has no Landlock: the sandbox does without")
        case .refused:
            guard mode == .inherited else { throw .landlockRefused }
            warn("the outer seccomp policy refuses Landlock: the sandbox does without")
        }
    }

    /// Gives up all the rest. From now on no thread can do more than the guest needs.
    public func close(_ confinement: Confinement) throws(SandboxError) {
        #if Unsafe
            if mode == .off { return }
        #endif
        try part("memory") { () throws(Errno) in
            try Heap.settle(reserving: Self.reservedHeap)
        }
        if let descriptors = confinement.descriptors {
            try part("descriptors") { () throws(Errno) in
                try Resources.closeDescriptors(but: descriptors)
            }
        }
        try part("limits") { () throws(Errno) in try Resources.limit(confinement) }
        guard mode != .inherited else { return }
        Stage.filterBegun.mark()
        let filter = try SystemCallFilter(
            confinement.rules, violation: mode == .explain ? .signals : .kills)
        Stage.filterMade.mark()
        if mode == .explain { Refusal.explainOwn(confinement.rules) }
        try filter.install()
        Stage.filterInstalled.mark()
    }

    private func part(
        _ name: String, _ body: () throws(Errno) -> Void
    ) throws(SandboxError) {
        do throws(Errno) {
            try body()
        } catch {
            throw .failed(name, error)
        }
    }

    /// Writes the filter that a launch would get, in libseccomp's pseudo-code.
    public static func writePseudoCode(
        of confinement: Confinement, to descriptor: Int32
    ) throws(SandboxError) {
        try SystemCallFilter(confinement.rules, violation: .kills)
            .writePseudoCode(to: descriptor)
    }
}
