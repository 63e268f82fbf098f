import CLinux
import Linux
import Synchronization
import Tender

/// A core file on demand: SIGUSR1 stops all vCPUs, one of them writes the file, and all resume.
///
/// A vCPU that is in a hypercall or held by a debugger counts as stopped: waiting for it might take
/// for ever.
final class DumpRequest: @unchecked Sendable {
    // Constants and atomics only: a signal handler must not run Swift's exclusivity checks.
    private let vcpus: [GuestThread]
    private let hold: Hold
    /// Whether a core file was requested; set by the signal handler.
    private let isWanted = Atomic(false)
    /// The number of core files written on request.
    private let count = Atomic(0)

    /// The instance for the signal handler, which stays installed until the process ends.
    private nonisolated(unsafe) static var current: DumpRequest?

    init(_ threads: GuestThreads) {
        vcpus = threads.vcpus
        hold = threads.makeHold()
    }

    /// Installs the SIGUSR1 handler that requests a core file.
    func answerSignal() {
        // Set before the handler that reads it is installed.
        unsafe Self.current = self
        _ = linux_handle_signal(SIGUSR1) { _ in
            let errno = linux_errno()
            unsafe DumpRequest.current?.ask()
            linux_set_errno(errno)
        }
    }

    /// Requests a core file, and interrupts the vCPUs. Async-signal-safe (signal-safety(7)).
    func ask() {
        isWanted.store(true, ordering: .sequentiallyConsistent)
        for vcpu in vcpus { vcpu.interrupt() }
    }

    /// Calls `dump` if a core file was requested, once all vCPUs are stopped, on the first vCPU
    /// thread that gets here.
    func serve(cpu: Int, _ dump: (_ number: Int) -> Void) {
        guard isWanted.exchange(false, ordering: .sequentiallyConsistent) else { return }
        hold.whileStill(cpu: cpu) {
            dump(count.add(1, ordering: .relaxed).newValue)
        }
    }
}
