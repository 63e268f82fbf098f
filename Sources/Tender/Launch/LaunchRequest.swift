import Linux

/// What a command line asks of a launch, whatever the kind of guest.
public struct LaunchRequest {
    /// What messages begin with.
    public var program: String
    /// Whether all is to be as under the program that this one stands in for.
    public var standsIn: Bool
    /// In bytes; nil if it is not said.
    public var memory: UInt64?
    /// Of the guest's kind and of modules, in order.
    public var options: [OptionValue]
    /// What follows the image on the command line.
    public var arguments: [[UInt8]]
    /// What is wrong with the command line.
    public var objections: [TenderError]
    /// Those that were built in.
    public var modules: [RegisteredModule]
    /// What the process may do with files once the guest runs.
    public var fileRights: FileRights
    /// Gives up, step by step, what the guest will not need.
    public var lock: LaunchLock
    /// Tells the operator about something that does not keep the guest from running.
    public var warn: (_ line: String) -> Void

    public init(
        program: String, standsIn: Bool = false, memory: UInt64? = nil,
        options: [OptionValue] = [], arguments: [[UInt8]] = [], objections: [TenderError] = [],
        modules: [RegisteredModule] = [],
        fileRights: FileRights = FileRights(), lock: LaunchLock,
        warn: @escaping (_ line: String) -> Void
    ) {
        self.program = program
        self.standsIn = standsIn
        self.memory = memory
        self.options = options
        self.arguments = arguments
        self.objections = objections
        self.modules = modules
        self.fileRights = fileRights
        self.lock = lock
        self.warn = warn
    }

    /// The options of this name, in order.
    public func options(named name: String) -> [OptionValue] {
        options.filter { $0.name == name }
    }

    /// Whether the guest will not run, so that the launch must leave nothing behind.
    public var isRehearsal: Bool { lock.isRehearsal }

    /// What modules contribute that look into guests.
    ///
    /// - Parameters:
    ///   - image: the guest's file.
    ///   - kind: the name of the guest's kind.
    public func observation(
        of image: ImageFile, kind: String
    ) throws(ModuleError) -> Observation {
        var observation = Observation(
            options: options, image: image.path, kind: kind, program: program,
            isRehearsal: isRehearsal, standsIn: standsIn, modules: modules.map { $0.manifest },
            fileRights: fileRights)
        for registered in modules where registered.manifest.observes {
            try registered.make().observe(&observation)
            observation.manifests.append(registered.manifest)
        }
        return observation
    }
}

extension [OptionValue] {
    /// The numbers of descriptors that options name by path, such as /dev/fd/63, which is what a
    /// shell makes of `<(command)`.
    public var descriptorsNamedByPath: [Int32] {
        compactMap { OptionFile.descriptor(named: $0.value) }
    }

    /// Closes those of them that we were started with: to be done when all that options name is open.
    public func closeDescriptorsNamedByPath() {
        for number in descriptorsNamedByPath where number > 2 {
            // What this process opened itself is told apart by close-on-exec.
            if let inherited = try? InheritedDescriptor(number: number) { inherited.close() }
        }
    }
}

/// What keeps a guest from running. The first objection ends a launch; a rehearsal goes on, to find
/// them all.
public struct Objections {
    private let isRehearsal: Bool
    public private(set) var all: [TenderError] = []

    public init(isRehearsal: Bool) {
        self.isRehearsal = isRehearsal
    }

    public mutating func add(_ error: TenderError) throws(TenderError) {
        guard isRehearsal else { throw error }
        all.append(error)
    }

    /// - Returns: nil if `body` objects.
    public mutating func attempt<Value>(
        _ body: () throws(TenderError) -> Value
    ) throws(TenderError) -> Value? {
        do throws(TenderError) {
            return try body()
        } catch {
            try add(error)
            return nil
        }
    }
}
