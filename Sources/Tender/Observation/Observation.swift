import Hypervisor
import Linux
import Rules

/// Contributions of observing modules (debuggers, tracers, dumpers) to one launch of any guest
/// kind.
public struct Observation {
    /// The options that were given, in order.
    public let options: [OptionValue]
    /// The guest's file.
    public let image: String
    /// The name of the guest's kind.
    public let kind: String
    /// The prefix of messages.
    public let program: String
    /// Whether this is a dry run: the guest will not run, and no files must be left.
    public let isRehearsal: Bool
    /// Whether the tender behaves exactly as the program that it replaces.
    public let standsIn: Bool
    /// The manifests of the modules that were built in.
    public let modules: [ModuleManifest]
    /// The rights that observers have on files once the guest runs.
    public let fileRights: FileRights
    /// The descriptors and addresses bound to the roles in the observing modules' manifests.
    public var bindings = Bindings()
    /// The directories and files that observers open while the guest runs.
    public var paths: [Confinement.Path] = []
    /// The size of the largest file that observers may write, in bytes.
    public var largestFile: UInt64 = 0
    public private(set) var observers: [any Observer] = []
    public private(set) var tracer: (any Tracer)?
    /// Threads that work for observers.
    public private(set) var workers: [Worker] = []
    /// The count of the guest's lost output.
    public let consoleLoss = ConsoleLoss()
    /// The manifests of the observing modules.
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

    /// Adds a tracer, called after those added before.
    public mutating func add(tracer another: any Tracer) {
        tracer = tracer.map { Tracers($0, another) } ?? another
    }

    /// Calls every observer's `prepare` with the guest.
    public func prepare(_ subject: @autoclosure () -> Subject) throws(TenderError) {
        guard !observers.isEmpty else { return }
        let subject = subject()
        for observer in observers {
            try wrapping(TenderError.module) { () throws(ModuleError) in
                try observer.prepare(subject)
            }
        }
    }

    /// The verdict of the first observer that does not pass.
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
