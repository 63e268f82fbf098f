import Linux

/// A request to launch a guest of any kind, from the command line.
public struct LaunchRequest {
    /// The prefix of messages.
    public var program: String
    /// Whether the tender behaves exactly as the program that it replaces.
    public var standsIn: Bool
    /// The guest's memory size in bytes; nil for the default.
    public var memory: UInt64?
    /// Options of the guest kind and of modules, in order.
    public var options: [OptionValue]
    /// The arguments after the image on the command line.
    public var arguments: [[UInt8]]
    /// Errors in the command line.
    public var objections: [TenderError]
    /// The modules that were built in.
    public var modules: [RegisteredModule]
    /// The process's rights on files once the guest runs.
    public var fileRights: FileRights
    /// The steps into the sandbox.
    public var lock: LaunchLock
    /// Prints a warning, which does not keep the guest from running.
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

    /// Whether this is a dry run: the guest will not run, and the launch must leave no files.
    public var isRehearsal: Bool { lock.isRehearsal }

    /// The observing modules' contributions.
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
    /// The descriptors that options name by path, such as /dev/fd/63 from a shell's process
    /// substitution `<(command)`.
    public var descriptorsNamedByPath: [Int32] {
        compactMap { OptionFile.descriptor(named: $0.value) }
    }

    /// Closes the inherited ones among them, when all files that options name are open.
    public func closeDescriptorsNamedByPath() {
        for number in descriptorsNamedByPath where number > 2 {
            // Descriptors that this process opened itself have the close-on-exec flag.
            if let inherited = try? InheritedDescriptor(number: number) { inherited.close() }
        }
    }
}

/// Obstacles to running a guest. The first one ends a launch; a dry run goes on, to find all.
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

    /// - Returns: nil if `body` throws.
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
