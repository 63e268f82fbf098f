import Testing

/// A guest, how it is started, and what must come of that: plain data, since cases run on this
/// machine and, all in one script, on another one.
struct BootCase: Sendable {
    /// The name of one of our guests, or a path that begins with a dot or a slash; nil for no guest
    /// at all.
    var guest: String?
    var options: [String] = []
    var arguments: [String] = []
    /// The ways to call the tender that the case is for.
    var invocations: [Invocation] = [.native]
    /// Shell commands that come first, in an empty directory; $GUESTS holds the guests.
    var preparation: [String] = []
    /// The taps that it needs. The first is tap0, with host address 10.0.0.1, the next one tap1,
    /// with 10.0.1.1.
    var taps = 0
    /// A command of the outside world that runs meanwhile, and must succeed.
    var meanwhile: String?
    /// When the guest has printed this, the tender gets SIGTERM.
    var stopAfter: String?
    /// The guest lists its cases, each with an outcome, when called without arguments. Those with
    /// one of these outcomes are run, one after the other, and what comes of each is printed: its
    /// name and exit status, the last line of its output, and all of its error output.
    var listed: [String] = []
    /// Shell commands that come last, and whose output counts.
    var afterwards: [String] = []
    var expectation: ExpectedEnd

    init(
        _ guest: String?, _ arguments: [String] = [], options: [String] = [],
        by invocations: [Invocation] = [.native], preparation: [String] = [], taps: Int = 0,
        expecting expectation: ExpectedEnd
    ) {
        self.guest = guest
        self.arguments = arguments
        self.options = options
        self.invocations = invocations
        self.preparation = preparation
        self.taps = taps
        self.expectation = expectation
    }

    /// The same with something added.
    func with<Value>(_ path: WritableKeyPath<Self, Value>, _ value: Value) -> Self {
        var copy = self
        copy[keyPath: path] = value
        return copy
    }
}

/// Lets a table of cases be written one after the other, with loops.
@resultBuilder enum Cases {
    static func buildExpression(_ bootCase: BootCase) -> [BootCase] { [bootCase] }
    static func buildExpression(_ cases: [BootCase]) -> [BootCase] { cases }
    static func buildBlock(_ parts: [BootCase]...) -> [BootCase] { parts.flatMap { $0 } }
    static func buildEither(first cases: [BootCase]) -> [BootCase] { cases }
    static func buildEither(second cases: [BootCase]) -> [BootCase] { cases }
    static func buildArray(_ parts: [[BootCase]]) -> [BootCase] { parts.flatMap { $0 } }
}

/// How the tender is called.
enum Invocation: Sendable {
    /// `pinnace run`
    case native
    /// By the name `solo5-hvt`.
    case link
    /// `pinnace --as solo5-hvt`
    case option
    /// By the name `uhyve`.
    case uhyveLink
    /// `pinnace --as uhyve`
    case uhyveOption

    static let solo5: [Invocation] = [.link, .option]
    static let hvt: [Invocation] = [.native] + solo5
    static let uhyve: [Invocation] = [.uhyveLink, .uhyveOption]
    static let hermit: [Invocation] = [.native] + uhyve

    /// What complaints begin with.
    var program: String {
        switch self {
        case .native: "pinnace"
        case .link, .option: "solo5-hvt"
        case .uhyveLink, .uhyveOption: "uhyve"
        }
    }

    /// Whether it is by a link of the program's name.
    var isLink: Bool { self == .link || self == .uhyveLink }
}

/// A case and one way to call the tender.
struct BootRun: ScriptedCase {
    let bootCase: BootCase
    let invocation: Invocation

    var guests: [String] {
        Set([bootCase.guest ?? "hello", "hello"]).filter { !Host.isPath($0) }.sorted()
    }

    var expectation: ExpectedEnd { bootCase.expectation }
    var program: String { invocation.program }

    var testDescription: String {
        let words =
            [invocation == .native ? "run" : "\(invocation)"] + bootCase.options
            + [bootCase.guest ?? ""] + bootCase.arguments
        let attack = bootCase.attack.map { "\($0): " } ?? ""
        return attack + words.joined(separator: " ").prefix(100)
    }
}
