/// One capability that a guest can ask for, built in or left out as a whole.
///
/// Most modules know neither the hypervisor nor other modules. Life cycle: `init`, then `attach`,
/// which opens all files and descriptors that it will need; after that only its handlers run.
public protocol Module: AnyObject {
    /// The hypercalls, devices, options and system calls of the module. The same for every launch.
    static var manifest: ModuleManifest { get }

    /// The `pinnace` commands that the module adds.
    static var commands: [ModuleCommand] { get }

    init()

    /// Opens the files and devices that options name, fills in the facts of the guest's devices and
    /// registers handlers.
    ///
    /// The last chance to open or allocate anything.
    func attach(to launch: inout Launch) throws(ModuleError)

    /// Adds observers. Called before `attach`, for modules whose manifest says that they observe.
    func observe(_ observation: inout Observation) throws(ModuleError)
}

extension Module {
    public static var commands: [ModuleCommand] { [] }
    public func attach(to launch: inout Launch) throws(ModuleError) {}
    public func observe(_ observation: inout Observation) throws(ModuleError) {}
}
