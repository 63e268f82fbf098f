import JSON

/// A kind of guest: how to recognise one in its file, and how to bring it to run.
///
/// The core knows none. Each is a target of its own, or part of a module, and the registry lists
/// those that were built in.
public protocol GuestKind: AnyObject {
    /// As in "a Hermit guest".
    var name: String { get }

    /// Options that the kind has whatever modules there are.
    var options: [OptionSpecification] { get }

    /// How its guests make hypercalls: by ports that are the numbers, if it does not say.
    var numbering: HypercallNumbering { get }

    /// - Returns: nil if the file is no guest of this kind.
    /// - Throws: if it can't be read, or claims to be such a guest and is none. The error is the one
    ///   that the operator reads if no other kind recognises the file either.
    func recognise(_ file: ImageFile) throws(ImageError) -> (any GuestImage)?
}

extension GuestKind {
    public var numbering: HypercallNumbering { .port }
}

/// A guest in its file, recognised and not asked to run yet.
public protocol GuestImage: AnyObject {
    var file: ImageFile { get }

    /// The name of its kind.
    var kind: String { get }

    /// What there is to say about it without running it.
    func inspect(_ modules: [RegisteredModule]) throws(ImageError) -> GuestDescription

    /// Why it can't run with these modules: a line for each device, hypercall or kind that needs one
    /// which was not built in.
    ///
    /// - Parameter isThorough: whether to look for needs that can only be guessed, from the code.
    func missing(
        from modules: [RegisteredModule], isThorough: Bool
    ) throws(ImageError) -> [String]

    /// A launch of the guest, of which nothing is done yet.
    func launch(_ request: LaunchRequest) -> any GuestLaunch
}

/// One launch of one guest, step by step. The pipeline takes the steps in this order.
public protocol GuestLaunch: AnyObject {
    /// Opens all that the guest and its observers will ever need.
    func attach(_ objections: inout Objections) throws(TenderError)

    /// Decides about memory and segments. Nothing is opened.
    func plan(_ objections: inout Objections) throws(TenderError)

    /// Makes the machine, and fills the guest's memory. All steps before were without objection.
    func build() throws(TenderError) -> any BuiltGuest

    /// Removes what the launch has left in the file system. Called at the end, however it comes.
    func cleanUp()
}

extension GuestLaunch {
    public func plan(_ objections: inout Objections) throws(TenderError) {}
    public func cleanUp() {}
}

/// A guest in its machine, before its first instruction.
public protocol BuiltGuest: AnyObject {
    /// All that the launch needs from the first instruction on.
    func confinement() throws(TenderError) -> Confinement

    /// Starts threads and shows the guest to observers. The last chance to open anything.
    func start() throws(TenderError)

    /// Runs the guest to its end, in the sandbox.
    ///
    /// - Returns: the tender's exit status, 0 to 255.
    func run() throws(TenderError) -> Int32
}

/// What there is to say about an image without running it.
public struct GuestDescription {
    /// For people: rows of a table. A row without a name goes on with the one before.
    public var rows: [(name: String, value: String)]
    /// For programs: members of a JSON object.
    public var members: [(key: String, value: JSON)]
    /// What other tools say about such images, each by the name of the option that asks for it.
    public var documents: [(option: String, value: JSON)]
    /// The modules without which the guest does not run.
    public var needs: [KnownModule]
    /// Whether it needs just these; if not, they are a guess on the safe side.
    public var needsAreCertain: Bool
    /// Why the guest can't run here, whatever modules there are; nil if it can.
    public var objection: String?

    public init(
        rows: [(name: String, value: String)], members: [(key: String, value: JSON)],
        documents: [(option: String, value: JSON)] = [], needs: [KnownModule],
        needsAreCertain: Bool = true, objection: String? = nil
    ) {
        self.rows = rows
        self.members = members
        self.documents = documents
        self.needs = needs
        self.needsAreCertain = needsAreCertain
        self.objection = objection
    }
}
