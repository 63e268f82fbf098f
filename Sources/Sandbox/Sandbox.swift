import CLinux
import Linux
import Rules
import Tender

/// Closes the door after a launch: the process gives up for good what its guest will not need,
/// before the guest's first instruction.
public struct Sandbox {
    public let mode: SandboxMode
    /// The user that the guest runs as; nil for the one who started this process.
    public let user: User?
    /// The beginning of lines on standard error.
    let program: String
    /// Whether that program has the option `--sandbox`.
    let hasOption: Bool
    /// Tells the operator what this kernel lacks.
    let warn: (String) -> Void

    /// How much of the heap is at hand when the guest starts, in bytes. The run loop takes none of
    /// it; a message about the guest's end does.
    private static let reservedHeap = 256 << 10

    public init(
        mode: SandboxMode, user: User? = nil, program: String, hasOption: Bool = true,
        warn: @escaping (String) -> Void = { _ in }
    ) {
        self.mode = mode
        self.user = user
        self.program = program
        self.hasOption = hasOption
        self.warn = warn
    }

    /// Closes inherited descriptors, but for the standard streams and what options name
    /// as `@FD` or by a path such as /dev/fd/N. For launches that can't tell what they open; they have
    /// opened nothing yet.
    public func closeInherited(
        but image: ImageFile, _ options: [OptionValue]
    ) throws(SandboxError) {
        let named = options.compactMap { option -> Int32? in
            guard option.value.utf8.first == UInt8(ascii: "@") else { return nil }
            return Int32(option.value.dropFirst())
        }
        tryCloseRange()
        try closeDescriptors(
            but: named + options.descriptorsNamedByPath + [image.descriptorNumber])
    }

    private func tryCloseRange() {
        guard OuterPolicy.isThere else { return }
        unsafe Resources.canCloseRanges = OuterPolicy.refused(among: ["close_range"]).isEmpty
    }

    private func closeDescriptors(but kept: [Int32]) throws(SandboxError) {
        var isSure = true
        try part("descriptors") { () throws(Errno) in
            isSure = try Resources.closeDescriptors(but: kept)
        }
        guard !isSure else { return }
        guard mode != .strict else { throw .missing("close_range, nor /proc in its place") }
        warn(
            "close_range and /proc are both out of reach: what was left open with high numbers may "
                + "stay open")
    }

    /// Gives up what has to be given up before there are other threads.
    public func confine(_ confinement: Confinement) throws(SandboxError) {
        #if Unsafe
            if mode == .off {
                warn("the guest runs without a sandbox")
                return
            }
        #endif
        if mode == .inherited, !OuterPolicy.isThere { throw .nothingInherited }
        for part in confinement.missingProtections {
            guard mode != .strict else { throw .missing(part) }
            warn("this kernel has no \(part): the sandbox does without")
        }
        Self.nameInExplanations(program)
        let refused = try judgeOuterPolicy(confinement)
        tryCloseRange()
        Resources.prepareToClose()
        // While we still may.
        var canChangeProcess = !refused.contains("prctl")
        // Under no_new_privs, neither this process nor a program that it executes gets a capability from the
        // bounding set, so that by default the set stays: the kernel copies the process's credentials for
        // each of the 41 that is dropped.
        if canChangeProcess, mode == .strict {
            canChangeProcess = try part("the bounding set", "prctl") { () throws(Errno) in
                try Privileges.emptyBoundingSet()
            }
        }
        if let user {
            guard Privileges.isRoot else { throw .notRoot }
            try part(SandboxError.Part.user) { () throws(Errno) in
                for path in confinement.paths where path.isNew {
                    try Privileges.give(path.descriptor, to: user)
                }
                try Privileges.become(user)
            }
        }
        if canChangeProcess {
            canChangeProcess = try part("no new privileges", "prctl") { () throws(Errno) in
                try Privileges.renounceNew()
            }
        }
        if !refused.contains(where: { $0.utf8.starts(with: "landlock_".utf8) }) {
            try closeFileSystem(of: confinement)
        }
        if !refused.contains("capset") {
            try part("capabilities", "capset") { () throws(Errno) in
                try Privileges.dropCapabilities()
            }
        }
        if canChangeProcess {
            try part("readability of /proc", "prctl") { () throws(Errno) in
                try Privileges.setDumpable(mode != .strict)
            }
        }
    }

    /// The system calls that make the sandbox, besides those that every process needs.
    private static let calls = [
        "prctl", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "capset",
        "seccomp",
    ]

    /// Finds out what the policy that we were started under refuses by a signal.
    ///
    /// - Returns: what the sandbox must do without, and that has been said.
    private func judgeOuterPolicy(_ confinement: Confinement) throws(SandboxError) -> [String] {
        guard OuterPolicy.isThere else { return [] }
        var vital: [String] = []
        var others: [String] = []
        for rule in confinement.rules {
            // The core needs ppoll for slow readers alone: without it, they end the launch.
            let isVital =
                rule.owner.utf8.elementsEqual("core".utf8)
                && !rule.name.utf8.elementsEqual("ppoll".utf8)
            if confinement.needsAllRules || isVital {
                vital.append(rule.name)
            } else if !others.contains(rule.name) {
                others.append(rule.name)
            }
        }
        if confinement.needsAllRules { vital.append(LINUX_CLONE_NAME) }
        let refused = OuterPolicy.refused(
            among: Self.calls + ["close_range", "memfd_create"] + vital + others)
        let missing = refused.filter { vital.contains($0) }
        guard missing.isEmpty else { throw .indispensable(missing) }
        for name in refused where others.contains(name) {
            warn("the outer seccomp policy refuses \(name): a guest that needs it will end")
        }
        let lost = refused.filter { Self.calls.contains($0) }
        guard !lost.isEmpty else { return [] }
        guard mode == .inherited else { throw .refused(lost) }
        warnOfLoss(lost.filter { $0 != "seccomp" })
        return lost
    }

    private func warnOfLoss(_ calls: [String]) {
        guard !calls.isEmpty else { return }
        warn(
            "the outer seccomp policy refuses \(calls.joined(separator: ", ")): the sandbox does "
                + "without")
    }

    private func closeFileSystem(of confinement: Confinement) throws(SandboxError) {
        var outcome: FileSystemLock.Outcome?
        try part(SandboxError.Part.landlock, "Landlock") { () throws(Errno) in
            outcome = try FileSystemLock.close(but: confinement.paths)
        }
        switch outcome {
        case .closed(let version):
            guard
                let lack = LandlockGap.text(
                    version: version, for: confinement, hasFilter: mode != .inherited)
            else { return }
            guard mode != .strict else { throw .landlockLacks(version: version, lack) }
            warn("this kernel's Landlock, version \(version), can't forbid \(lack)")
        case .missing:
            guard mode != .strict else { throw .missing("Landlock") }
            warn("this kernel has no Landlock: the sandbox does without")
        // A call that it takes was refused, which `part` has said.
        case nil: break
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
        var filter = try filter(of: confinement)
        try part("memory") { () throws(Errno) in
            try Heap.settle(reserving: Self.reservedHeap)
        }
        if let descriptors = confinement.descriptors {
            try closeDescriptors(but: descriptors)
        }
        try part("limits", "prlimit64") { () throws(Errno) in try Resources.limit(confinement) }
        if mode == .explain { Refusal.explainOwn(confinement.rules) }
        try filter?.install()
        Refusal.beginGuest()
        Stage.filterInstalled.mark()
    }

    /// Nil for none of our own. Before descriptors are limited, of which it takes one meanwhile.
    private func filter(of confinement: Confinement) throws(SandboxError) -> SystemCallFilter? {
        guard mode != .inherited else { return nil }
        Stage.filterBegun.mark()
        var filter = try SystemCallFilter(
            confinement.rules, violation: mode == .explain ? .signals : .kills)
        // It takes a call that another policy may end the process for.
        if !OuterPolicy.isThere || OuterPolicy.refused(among: ["memfd_create"]).isEmpty {
            filter.compile()
        }
        Stage.filterMade.mark()
        return filter
    }

    /// - Parameter call: what may be refused by a policy that we were started under; nil for what
    ///   the sandbox never does without.
    /// - Returns: whether it was done.
    @discardableResult
    private func part(
        _ name: String, _ call: String? = nil, _ body: () throws(Errno) -> Void
    ) throws(SandboxError) -> Bool {
        do throws(Errno) {
            try body()
            return true
        } catch {
            guard let call, error.isRefusal, OuterPolicy.isThere else { throw .failed(name, error) }
            guard mode == .inherited else { throw .refused([call]) }
            warnOfLoss([call])
            return false
        }
    }

    // MARK: Messages

    /// The line about an error, with advice that fits the program.
    public func text(of error: SandboxError) -> String { error.text(hasOption: hasOption) }

    /// To be called first of all: from now on a system call that a policy refuses by a signal fails
    /// or ends the process with a line, and so does a lack of memory.
    public static func explainEnds() {
        // The other one needs memory.
        Heap.explainExhaustion()
        Refusal.explainOuter()
    }

    /// - Parameter program: what such lines begin with. Until then it is "pinnace".
    public static func nameInExplanations(_ program: String) {
        Refusal.name(program)
        Heap.name(program)
    }

    /// A line about what failed, which tells also of the call that an outer policy has refused by a
    /// signal, if that may be the reason.
    public static func explained(_ line: String) -> String {
        let names = Refusal.answeredNames
        guard !names.isEmpty, line.holds("\(Errno(EPERM))"), !line.holds("outer seccomp policy")
        else { return line }
        return "\(line) (an outer seccomp policy refuses \(names.joined(separator: ", ")): allow "
            + "\(names.count == 1 ? "it" : "them") there)"
    }

    /// Writes the filter that a launch would get, in libseccomp's pseudo-code.
    public static func writePseudoCode(
        of confinement: Confinement, to descriptor: Int32
    ) throws(SandboxError) {
        try SystemCallFilter(confinement.rules, violation: .kills)
            .writePseudoCode(to: descriptor)
    }
}

extension String {
    fileprivate func holds(_ words: String) -> Bool {
        let (bytes, words) = (Array(utf8), Array(words.utf8))
        return bytes.indices.contains { bytes[$0...].starts(with: words) }
    }
}
