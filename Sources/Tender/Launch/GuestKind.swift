import JSON

/// A kind of guest: recognises images and launches them.
///
/// The core contains none. Each is a target of its own or part of a module, and the registry lists
/// those that were built in.
public protocol GuestKind: AnyObject {
    /// As in "a Hermit guest".
    var name: String { get }

    /// The kind's own options, besides those of modules.
    var options: [OptionSpecification] { get }

    /// The mapping of hypercall numbers to I/O ports; by default the port is the number.
    var numbering: HypercallNumbering { get }

    /// - Returns: nil if the file is not a guest of this kind.
    /// - Throws: if it can't be read, or is an invalid guest of this kind. The operator sees the
    ///   error if no other kind recognises the file.
    func recognise(_ file: ImageFile) throws(ImageError) -> (any GuestImage)?
}

extension GuestKind {
    public var numbering: HypercallNumbering { .port }
}

/// A recognised guest image, not launched yet.
public protocol GuestImage: AnyObject {
    var file: ImageFile { get }

    /// The name of its kind.
    var kind: String { get }

    /// A description of the image, without running it.
    func inspect(_ modules: [RegisteredModule]) throws(ImageError) -> GuestDescription

    /// The obstacles to running it with these modules: a line for each device, hypercall or guest
    /// kind whose module was not built in.
    ///
    /// - Parameter isThorough: whether to scan the code, too, for needs that can only be guessed.
    func missing(
        from modules: [RegisteredModule], isThorough: Bool
    ) throws(ImageError) -> [String]

    /// Prepares a launch of the guest; no step is taken yet.
    func launch(_ request: LaunchRequest) -> any GuestLaunch
}

/// One launch of one guest. The pipeline takes the steps in this order.
public protocol GuestLaunch: AnyObject {
    /// Opens all files and descriptors that the guest and its observers will need.
    func attach(_ objections: inout Objections) throws(TenderError)

    /// Lays out memory and segments. Opens nothing.
    func plan(_ objections: inout Objections) throws(TenderError)

    /// Creates the VM and loads the guest. All earlier steps passed without objection.
    func build() throws(TenderError) -> any BuiltGuest

    /// Removes the launch's files and directories. Called at the end, after errors as well.
    func cleanUp()
}

extension GuestLaunch {
    public func plan(_ objections: inout Objections) throws(TenderError) {}
    public func cleanUp() {}
}

/// A loaded guest, before its first instruction.
public protocol BuiltGuest: AnyObject {
    /// The rights that the launch needs from the first instruction on.
    func confinement() throws(TenderError) -> Confinement

    /// Starts threads and observers. The last chance to open files or descriptors.
    func start() throws(TenderError)

    /// Runs the guest to its end, in the sandbox.
    ///
    /// - Returns: the tender's exit status, 0 to 255.
    func run() throws(TenderError) -> Int32
}

/// The description of an image, for `inspect`.
public struct GuestDescription {
    /// What the image is, as text and as JSON.
    public var report: Report
    /// Output compatible with other tools, by the option that asks for it.
    public var documents: [(option: String, value: JSON)]
    /// The modules that the guest needs.
    public var needs: [KnownModule]
    /// Whether `needs` is exact; if false, it is a conservative guess.
    public var needsAreCertain: Bool
    /// The reason why the guest can't run on this host, with any modules; nil if it can.
    public var objection: String?

    public init(
        _ report: Report, documents: [(option: String, value: JSON)] = [],
        needs: [KnownModule], needsAreCertain: Bool = true, objection: String? = nil
    ) {
        self.report = report
        self.documents = documents
        self.needs = needs
        self.needsAreCertain = needsAreCertain
        self.objection = objection
    }
}
