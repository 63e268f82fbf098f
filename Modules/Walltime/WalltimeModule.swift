import ABI
import CLinux
import Manifests
import Tender

/// The time of day: serves WALLTIME.
public final class WalltimeModule: Module {
    public static var manifest: ModuleManifest { WalltimeManifest.manifest }

    public init() {}

    public func attach(to launch: inout Launch) throws(ModuleError) {
        try launch.serve(HVT_HYPERCALL_WALLTIME) { (argument, memory) throws(GuestFault) in
            try memory.store(Self.now(), at: argument)
            return .resume
        }
    }

    /// Nanoseconds since the Unix epoch; 0 if the host's clock is set to before it.
    private static func now() -> UInt64 {
        var time = timespec()
        // clock_gettime fills in the struct; it can't fail, since CLOCK_REALTIME always exists.
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        // Good until the year 2554.
        return UInt64(clamping: time.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: time.tv_nsec)
    }
}
