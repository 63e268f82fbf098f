/// One capability that a guest can ask for, built in or left out as a whole.
///
/// A module knows neither the hypervisor nor other modules. Its life: it is made, `attach` opens
/// all that it will ever need, and from then on only its handlers run.
public protocol Module: AnyObject {
    /// What the module serves and needs. The same for every launch.
    static var manifest: ModuleManifest { get }

    /// Commands of `pinnace` that the module brings.
    static var commands: [ModuleCommand] { get }

    init()

    /// Opens what the launch's options ask for, fills in the facts of the guest's devices and
    /// registers handlers.
    ///
    /// This is the last chance to open, allocate or decide anything.
    func attach(to launch: inout Launch) throws(ModuleError)

    /// Adds who looks into the guest, of whatever kind it is. Asked only of modules whose manifest
    /// says that they observe, before they attach.
    func observe(_ observation: inout Observation) throws(ModuleError)
}

extension Module {
    public static var commands: [ModuleCommand] { [] }
    public func attach(to launch: inout Launch) throws(ModuleError) {}
    public func observe(_ observation: inout Observation) throws(ModuleError) {}
}
