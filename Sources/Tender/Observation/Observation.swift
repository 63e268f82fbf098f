import Hypervisor
import Linux
import Rules

/// What modules that look into guests contribute to one launch, whatever kind of guest it is of.
public struct Observation {
    /// The options that were given, in order.
    public let options: [OptionValue]
    /// The guest's file.
    public let image: String
    /// The name of the guest's kind.
    public let kind: String
    /// What messages begin with.
    public let program: String
    /// Whether the guest will not be run, so that nothing must be left behind.
    public let isRehearsal: Bool
    /// Whether all is to be as under the program that this one stands in for.
    public let standsIn: Bool
    /// Of the modules that were built in.
    public let modules: [ModuleManifest]
    /// What they may do with files once the guest runs.
    public let fileRights: FileRights
    /// What fills the roles in the observing modules' manifests.
    public var bindings = Bindings()
    /// Where observers open files while the guest runs.
    public var places: [Confinement.Place] = []
    /// The size of the largest file that they may write, in bytes.
    public var largestFile: UInt64 = 0
    public private(set) var observers: [any Observer] = []
    public private(set) var tracer: (any Tracer)?
    /// Threads that work for observers.
    public private(set) var workers: [Worker] = []
    /// What of the guest's output is lost.
    public let consoleLoss = ConsoleLoss()
    /// Of the modules that observe.
    public var manifests: [ModuleManifest] = []

    public init(
        options: [OptionValue] = [], image: String = "", kind: String = "",
        program: String = "", isRehearsal: Bool = false, standsIn: Bool = false,
        modules: [ModuleManifest] = [], fileRights: FileRights = FileRights()
    ) {
        self.options = options
        self.image = image
        self.kind = kind
        self.program = program
        self.isRehearsal = isRehearsal
        self.standsIn = standsIn
        self.modules = modules
        self.fileRights = fileRights
    }

    /// The options of this name, in order.
    public func options(named name: String) -> [OptionValue] {
        options.filter { $0.name == name }
    }

    public mutating func add(_ observer: any Observer) {
        observers.append(observer)
    }

    public mutating func add(_ worker: Worker) {
        workers.append(worker)
    }

    /// Adds one that is told of calls, after those that are there.
    public mutating func add(tracer another: any Tracer) {
        tracer = tracer.map { Tracers($0, another) } ?? another
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

    /// What the first of them says that has anything to say.
    public func stopped(cpu: Int, _ exit: Exit) -> Verdict {
        for observer in observers {
            let verdict = observer.stopped(cpu: cpu, exit)
            if verdict != .pass { return verdict }
        }
        return .pass
    }

    public func ended(_ end: GuestEnd) {
        for observer in observers { observer.ended(end) }
    }
}
