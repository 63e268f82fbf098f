import ABI
import CLinux
import Linux
import Manifests
import Rules
import Tender

/// The console: serves PUTS by writing to standard output.
public final class PutsModule: Module {
    public static var manifest: ModuleManifest { PutsManifest.manifest }

    private let descriptor: Int32
    /// How long a guest waits in total for a reader that does not read, in nanoseconds.
    private let patience: UInt64

    public convenience init() {
        self.init(descriptor: STDOUT_FILENO, patience: 5_000_000_000)
    }

    /// For tests: a different descriptor or patience.
    init(descriptor: Int32, patience: UInt64) {
        self.descriptor = descriptor
        self.patience = patience
    }

    public func attach(to launch: inout Launch) throws(ModuleError) {
        let console = try Console.attach(
            descriptor, patience: patience, loss: launch.observation.consoleLoss)
        if let console {
            launch.bindings.bind(
                console.isSocket ? PutsManifest.socketConsole : PutsManifest.console,
                to: console.descriptorNumber)
            if console.canBeFull {
                launch.bindings.bind(PutsManifest.finiteConsole, to: console.descriptorNumber)
            }
        }
        try launch.serve(HVT_HYPERCALL_PUTS) { (argument, memory) throws(GuestFault) in
            let call = try memory.load(hvt_puts.self, at: argument)
            let data = GuestAddress(call.data)
            let range = try memory.range(at: data, count: call.len, for: .read)
            console?.write(range, of: memory)
            return .resume
        }
    }
}
