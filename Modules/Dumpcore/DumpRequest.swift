import CLinux
import Linux
import Synchronization
import Tender

/// A core file on demand: SIGUSR1 has all vCPUs stop, one of them writes it, and all run on.
///
/// A vCPU that is in a hypercall or held by a debugger is not waited for, which might take for ever.
final class DumpRequest: @unchecked Sendable {
    // A handler must not meet the language's checks of who has access to a property.
    private let vcpus: [GuestThread]
    private let hold: Hold
    /// Whether one is wanted: set by the signal.
    private let isWanted = Atomic(false)
    /// How many there were.
    private let count = Atomic(0)

    /// For the signal's handler, which lives as long as the process.
    private nonisolated(unsafe) static var current: DumpRequest?

    init(_ threads: GuestThreads) {
        vcpus = threads.vcpus
        hold = threads.makeHold()
    }

    /// Has SIGUSR1 ask for a core file from now on.
    func answerSignal() {
        // Set before the handler that reads it is installed.
        unsafe Self.current = self
        _ = linux_handle_signal(SIGUSR1) { _ in
            let errno = linux_errno()
            unsafe DumpRequest.current?.ask()
            linux_set_errno(errno)
        }
    }

    /// Makes no calls but those that signal-safety(7) allows.
    func ask() {
        isWanted.store(true, ordering: .sequentiallyConsistent)
        for vcpu in vcpus { vcpu.interrupt() }
    }

    /// Has `dump` write a core file if one is wanted, once no vCPU runs. The first to come does it.
    func serve(cpu: Int, _ dump: (_ number: Int) -> Void) {
        guard isWanted.exchange(false, ordering: .sequentiallyConsistent) else { return }
        hold.whileStill(cpu: cpu) {
            dump(count.add(1, ordering: .relaxed).newValue)
        }
    }
}
