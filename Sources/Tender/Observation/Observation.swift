import Hypervisor

/// What modules that look into guests contribute to one launch, whatever kind of guest it is of.
public struct Observation {
    /// The options that were given, in order.
    public let options: [OptionValue]
    /// The guest's file.
    public let image: String
    /// The kind of guest, as in "Hermit"; nil for hvt's.
    public let foreignKind: String?
    /// What messages begin with.
    public let program: String
    /// Whether the guest will not be run, so that nothing must be left behind.
    public let isTrial: Bool
    /// Of the modules that were built in.
    public let modules: [ModuleManifest]
    /// What fills the roles in the observing modules' manifests.
    public var bindings = Bindings()
    public private(set) var observers: [any Observer] = []
    public var tracer: (any Tracer)?
    /// Of the modules that observe.
    public var manifests: [ModuleManifest] = []

    public init(
        options: [OptionValue] = [], image: String = "", foreignKind: String? = nil,
        program: String = "",
        isTrial: Bool = false, modules: [ModuleManifest] = []
    ) {
        self.options = options
        self.image = image
        self.foreignKind = foreignKind
        self.program = program
        self.isTrial = isTrial
        self.modules = modules
    }

    /// The options of this name, in order.
    public func options(named name: String) -> [OptionValue] {
        options.filter { $0.name == name }
    }

    public mutating func add(_ observer: any Observer) {
        observers.append(observer)
    }

    /// Shows them all the guest.
    public func prepare(_ subject: @autoclosure () -> Subject) throws(TenderError) {
        guard !observers.isEmpty else { return }
        let subject = subject()
        for observer in observers {
            try wrapping(TenderError.module) { () throws(ModuleError) in
                try observer.prepare(subject)
            }
        }
    }

    public func started(cpu: Int) -> Verdict {
        first { $0.started(cpu: cpu) }
    }

    public func stopped(cpu: Int, _ exit: Exit) -> Verdict {
        first { $0.stopped(cpu: cpu, exit) }
    }

    public func ended(_ end: GuestEnd) {
        for observer in observers { observer.ended(end) }
    }

    /// What the first of them says that has anything to say.
    private func first(_ verdict: (any Observer) -> Verdict) -> Verdict {
        for observer in observers {
            let verdict = verdict(observer)
            if verdict != .pass { return verdict }
        }
        return .pass
    }
}
