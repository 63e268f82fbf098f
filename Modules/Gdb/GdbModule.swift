import CLinux
import Linux
import Manifests
import Rules
import Tender

/// A gdb stub: lets a debugger that speaks gdb's remote protocol inspect, stop and step a guest.
public final class GdbModule: Module {
    public static var manifest: ModuleManifest { GdbManifest.manifest }

    public init() {}

    public func observe(_ observation: inout Observation) throws(ModuleError) {
        guard let options = try GdbOptions(observation) else { return }
        let door = try Door(options, image: observation.image, isRehearsal: observation.isRehearsal)
        let window: MemoryWindow
        do throws(Errno) {
            window = try MemoryWindow()
        } catch {
            throw ModuleError(
                "Could not open /proc/self/mem, through which breakpoints are set: \(error)")
        }
        bind(door, window, in: &observation.bindings)
        let facts = LaunchFacts(program: observation.program, modules: observation.modules)
        let debugger = Debugger(door, window, facts)
        observation.add(debugger)
        observation.add(debugger.worker)
        observation.add(tracer: debugger)
    }

    private func bind(_ door: Door, _ window: MemoryWindow, in bindings: inout Bindings) {
        bindings.bind(GdbManifest.listener, to: door.listener.number)
        bindings.bind(GdbManifest.connection, to: door.connection.number)
        for number in door.connection.spareNumbers { bindings.bind(GdbManifest.spare, to: number) }
        bindings.bind(GdbManifest.event, to: door.changed.number)
        bindings.bind(GdbManifest.memory, to: window.number)
    }
}
