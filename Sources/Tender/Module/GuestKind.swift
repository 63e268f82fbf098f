import Linux

/// A kind of guest besides hvt's: how to tell it, and how to run it.
///
/// The core knows only hvt guests. A module that brings another kind to run puts one of these into
/// its `RegisteredModule`.
public struct GuestKind {
    /// Whether the file is, or claims to be, a guest of this kind. Says no when it can't be read.
    public let recognises: (_ image: ImageFile) -> Bool
    /// What the guest is.
    public let inspect: (_ image: ImageFile) throws(ImageError) -> GuestDescription
    /// What keeps the guest from running with this request, if anything does. Goes as far as `run`
    /// without starting it.
    public let check: (_ request: GuestRequest) throws(TenderError) -> Void
    /// Runs the guest to its end.
    ///
    /// - Returns: the exit status, 0 to 255.
    public let run: (_ request: GuestRequest) throws(TenderError) -> Int32

    public init(
        recognises: @escaping (_ image: ImageFile) -> Bool,
        inspect: @escaping (_ image: ImageFile) throws(ImageError) -> GuestDescription,
        check: @escaping (_ request: GuestRequest) throws(TenderError) -> Void,
        run: @escaping (_ request: GuestRequest) throws(TenderError) -> Int32
    ) {
        self.recognises = recognises
        self.inspect = inspect
        self.check = check
        self.run = run
    }
}

/// What a command line says about how to run a guest that is not hvt's.
public struct GuestRequest {
    public let image: ImageFile
    /// In bytes; nil if it is not said.
    public var memory: UInt64?
    /// The options of the module, in order.
    public var options: [OptionValue]
    /// What follows the image on the command line.
    public var arguments: [[UInt8]]
    /// Who looks into the guest.
    public var observation = Observation()
    /// Closes the door behind the launch.
    public var lock: LaunchLock
    /// Tells the operator about something that does not keep the guest from running.
    public var warn: (_ line: String) -> Void

    public init(
        image: ImageFile, memory: UInt64? = nil, options: [OptionValue] = [],
        arguments: [[UInt8]] = [], lock: LaunchLock, warn: @escaping (_ line: String) -> Void
    ) {
        self.image = image
        self.memory = memory
        self.options = options
        self.arguments = arguments
        self.lock = lock
        self.warn = warn
    }

    /// The options of this name, in order.
    public func options(named name: String) -> [OptionValue] {
        options.filter { $0.name == name }
    }

    /// The numbers of descriptors that options name by path, such as /dev/fd/63, which is what a
    /// shell makes of `<(command)`.
    public var descriptorsNamedByPath: [Int32] {
        options.compactMap { OptionFile.descriptor(named: $0.value) }
    }

    /// Closes those of them that we were started with: to be done when all that options name is open.
    public func closeDescriptorsNamedByPath() {
        for number in descriptorsNamedByPath where number > 2 {
            // What this process opened itself is told apart by close-on-exec.
            if let inherited = try? InheritedDescriptor(number: number) { inherited.close() }
        }
    }
}

/// What there is to say about an image without running it.
public struct GuestDescription: Sendable {
    /// In the order to show them in.
    public var facts: [(name: String, value: String)]
    /// Why the guest can't run here, if it can't.
    public var objection: String?

    public init(facts: [(name: String, value: String)], objection: String?) {
        self.facts = facts
        self.objection = objection
    }
}
