import CLinux
import Hypervisor
import Linux
import Tender

/// A core file on demand: SIGUSR1 has all vCPUs stop, one of them writes it, and all run on.
///
/// A vCPU that is outside of the guest, in a hypercall or held by a debugger, is as good as stopped
/// and not waited for, which might take for ever: it was asked to stop (immediate_exit), and does so
/// before the guest's next instruction.
///
/// This is one of the files with unsafe pointers: a signal's handler and other threads look at the
/// marks in the middle of whatever happens.
@safe final class DumpRequest: @unchecked Sendable {
    private let subject: Subject
    private let monitor = Monitor()
    /// Guarded by the monitor: how many were written, and which vCPUs have stopped for one.
    private var count = 0
    private var hasStopped: [Bool]
    /// Whether one is wanted: set by the signal.
    private let isWanted: UnsafeMutablePointer<Bool>
    /// Whether each vCPU may be running the guest: set by its own thread.
    private let isInside: UnsafeMutableBufferPointer<Bool>

    /// For the signal's handler, which lives as long as the process.
    private nonisolated(unsafe) static var current: DumpRequest?

    init(_ subject: Subject) {
        self.subject = subject
        hasStopped = subject.vcpus.map { _ in false }
        unsafe isWanted = .allocate(capacity: 1)
        unsafe isWanted.initialize(to: false)
        unsafe isInside = .allocate(capacity: subject.vcpus.count)
        unsafe isInside.initialize(repeating: false)
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
        unsafe isWanted.pointee = true
        for cpu in subject.vcpus.indices { subject.interrupt(cpu) }
    }

    // MARK: For the vCPUs' threads

    /// A vCPU is about to run.
    func enter(_ cpu: Int) {
        guard hasStopped.indices.contains(cpu) else { return }
        unsafe isInside[cpu] = true
    }

    /// A vCPU has come out of the guest.
    func leave(_ cpu: Int) {
        guard hasStopped.indices.contains(cpu) else { return }
        unsafe isInside[cpu] = false
        // Either this thread sees that one is wanted, or those that wait see where it is.
        linux_fence()
        if unsafe isWanted.pointee { monitor.withLock { monitor.notify() } }
    }

    /// Has `dump` write a core file if one is wanted, once no vCPU runs. The last to come does it.
    func serve(cpu: Int, _ dump: (_ number: Int) -> Void) {
        monitor.withLock {
            hasStopped[cpu] = true
            monitor.notify()
            monitor.wait { unsafe !isWanted.pointee || isStill }
            if unsafe isWanted.pointee {
                unsafe isWanted.pointee = false
                count += 1
                // Those that come meanwhile wait for the lock.
                dump(count)
                monitor.notify()
            }
            hasStopped[cpu] = false
        }
    }

    /// Inside the lock.
    private var isStill: Bool {
        linux_fence()
        return hasStopped.indices.allSatisfy { cpu in
            unsafe hasStopped[cpu] || !isInside[cpu]
        }
    }

    deinit {
        // The handler keeps it for as long as the process lives, but in tests that make another.
        unsafe isWanted.deallocate()
        unsafe isInside.deallocate()
    }
}
