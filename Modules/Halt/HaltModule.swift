import ABI
import Manifests
import Tender

/// The end of the guest: serves HALT.
public final class HaltModule: Module {
    public static var manifest: ModuleManifest { HaltManifest.manifest }

    public init() {}

    public func attach(to launch: inout Launch) throws(ModuleError) {
        try launch.serve(HVT_HYPERCALL_HALT) { (argument, memory) throws(GuestFault) in
            let call = try memory.load(hvt_halt.self, at: argument)
            let cookie = GuestAddress(call.cookie)
            if cookie.value != 0 {
                // Modules that read the cookie after the guest's end rely on this check.
                _ = try memory.range(at: cookie, count: UInt64(HVT_HALT_COOKIE_SIZE), for: .read)
            }
            return .halt(Halt(exitStatus: call.exit_status, cookie: cookie))
        }
    }
}
