import CLinux
import Hypervisor
import Linux
import Tender

/// A core file on demand: SIGUSR1 has all vCPUs stop, one of them writes it, and all run on.
final class DumpRequest: @unchecked Sendable {
    private let subject: Subject
    private let barrier: Barrier
    /// How many were written.
    private var count = 0
    /// Set by the signal, and cleared when all vCPUs have come.
    private var isWanted = false

    /// For the signal's handler, which lives as long as the process.
    private nonisolated(unsafe) static var current: DumpRequest?

    init(_ subject: Subject) {
        self.subject = subject
        barrier = Barrier(count: UInt32(subject.vcpus.count))
        // Set before the handler that reads it is installed.
        unsafe Self.current = self
        _ = linux_handle_signal(SIGUSR1) { _ in
            let errno = linux_errno()
            unsafe DumpRequest.current?.ask()
            linux_set_errno(errno)
        }
    }

    /// Makes no calls but those that signal-safety(7) allows.
    private func ask() {
        isWanted = true
        for cpu in subject.vcpus.indices { subject.interrupt(cpu) }
    }

    /// Has `dump` write a core file if one is wanted, once all vCPUs are here.
    func serve(cpu: Int, _ dump: (_ number: Int) -> Void) {
        guard isWanted else { return }
        barrier.wait()
        if cpu == 0 {
            isWanted = false
            count += 1
            dump(count)
        }
        barrier.wait()
    }
}
