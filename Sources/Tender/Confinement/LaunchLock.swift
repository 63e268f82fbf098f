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
