/// What came of an input.
public enum Verdict: Sendable {
    case accepted, refused
}

/// Something that takes input from whoever may mean harm, to be tried with bytes of any kind.
///
/// The same targets are for the seeded campaigns of the tests and for libFuzzer.
public protocol InputTarget: AnyObject, SendableMetatype {
    static var name: String { get }
    /// Inputs without defects, for others to be made of.
    static var seeds: [[UInt8]] { get }
    /// What mutations may insert besides bytes of any kind.
    static var words: [[UInt8]] { get }

    init() throws

    /// Tries an input.
    ///
    /// - Throws: a `Breach`, or the error that kept us from trying.
    func run(_ input: [UInt8]) throws -> Verdict
}

extension InputTarget {
    public static var words: [[UInt8]] { [] }
}

/// Something that must not come of any input.
public struct Breach: Error, Equatable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

/// Throws unless what must be is.
func promise(_ holds: Bool, _ description: @autoclosure () -> String) throws {
    if !holds { throw Breach(description()) }
}

/// The targets of this build.
public enum InputTargets {
    public static var all: [any InputTarget.Type] {
        [
            HVTImageTarget.self, ManifestTarget.self, HypercallTarget.self, CommandLineTarget.self,
            JSONTarget.self,
        ] + networks + hermit + debuggers + traces
    }

    private static var networks: [any InputTarget.Type] {
        #if Net
            [RingTarget.self, OffloadTarget.self]
        #else
            []
        #endif
    }

    private static var debuggers: [any InputTarget.Type] {
        #if Gdb
            [DebuggerTarget.self]
        #else
            []
        #endif
    }

    private static var traces: [any InputTarget.Type] {
        #if Trace
            [TraceFileTarget.self]
        #else
            []
        #endif
    }

    private static var hermit: [any InputTarget.Type] {
        #if Uhyve
            [HermitImageTarget.self, UhyveCallTarget.self, VirtioTarget.self, ArchiveTarget.self]
        #else
            []
        #endif
    }

    public static func named(_ name: String) -> (any InputTarget.Type)? {
        all.first { $0.name == name }
    }
}
