/// The steps by which a launch drops the rights that its guest does not need.
public struct LaunchLock {
    /// Whether this is a dry run: the guest does not run, and the launch must leave no files.
    public var isRehearsal: Bool
    /// Closes inherited descriptors before any file is opened, for launches that can't list theirs.
    public let closeInherited: (ImageFile, [OptionValue]) throws(TenderError) -> Void
    /// Drops the rights that a process can drop only before it starts threads.
    public let confine: (Confinement) throws(TenderError) -> Void
    /// Drops the rest, when all threads have started. From then on all threads can make only the
    /// confinement's system calls.
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
