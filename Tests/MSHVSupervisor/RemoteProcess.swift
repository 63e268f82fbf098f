import CEmulation
import CLinux
import EmulatedMSHV
import Linux

/// The program, as its supervisor sees it: through a process in the same address space, which makes
/// the system calls.
final class RemoteProcess: VMMProcess, @unchecked Sendable {
    let id: Int32
    private let mailbox: Mailbox
    /// Where the address space has the mailbox.
    private let base: UInt
    /// The process that makes the calls.
    private let caller: Int32
    /// Whether the thread that waits for a run has stopped waiting.
    var isAbandoned: () -> Bool = { false }

    init(_ id: Int32, _ mailbox: Mailbox, at base: UInt, caller: Int32) {
        self.id = id
        self.mailbox = mailbox
        self.base = base
        self.caller = caller
        // It goes when the program goes.
        _ = call(Int(SYS_prctl), UInt(PR_SET_PDEATHSIG), UInt(SIGKILL))
        // The signal that interrupts runs ends nothing else.
        mailbox.bytes.storeBytes(of: Self.interruptions, as: UInt64.self)
        _ = call(Int(SYS_rt_sigprocmask), UInt(SIG_BLOCK), room, 0, 8)
    }

    private static let interruptions: UInt64 = 1 << (UInt64(SIGUSR1) - 1)

    private var room: UInt { base + UInt(Mailbox.room) }

    func call(_ number: Int, _ arguments: UInt...) -> Int {
        mailbox.post(number, arguments)
        while true {
            if let result = mailbox.answer() { return result }
            if isGone { return -Int(ESRCH) }
        }
    }

    /// Ends the process that makes the calls. The program's own death does not where Landlock keeps its
    /// signals in (ABI version 6), the one on its death among them.
    func end() {
        hasEnded = true
        kill(caller, SIGKILL)
    }

    private var hasEnded = false
    // One that has ended is there until its parent has waited for it.
    private var isGone: Bool { hasEnded || kill(caller, 0) != 0 }

    func ioctl(
        _ descriptor: Int32, _ request: UInt, _ argument: UnsafeMutableRawBufferPointer
    ) -> Int {
        guard argument.count <= mailbox.bytes.count else { return -Int(E2BIG) }
        mailbox.bytes.copyMemory(from: UnsafeRawBufferPointer(argument))
        let result = call(Int(SYS_ioctl), UInt(descriptor), request, room)
        argument.copyMemory(from: UnsafeRawBufferPointer(mailbox.start(argument.count)))
        return result
    }

    func run(_ vcpu: Int32) -> Int {
        // KVM_SET_SIGNAL_MASK, which is _IOW(KVMIO, 0x8b, struct kvm_signal_mask): 8 bytes, no signals.
        if !interruptible.contains(vcpu) {
            var mask = Bytes(count: 12)
            mask.set(0, UInt32(8))
            let result = mask.all.withUnsafeMutableBytes { ioctl(vcpu, 0x4004_AE8B, $0) }
            guard result == 0 else { return result }
            interruptible.insert(vcpu)
        }
        mailbox.post(Int(SYS_ioctl), [UInt(vcpu), LINUX_KVM_RUN, 0])
        var isInterrupted = false
        while true {
            if let result = mailbox.answer() {
                if isInterrupted { forgetInterruption() }
                return result
            }
            if isGone { return -Int(EINTR) }
            if !isInterrupted, isAbandoned() {
                isInterrupted = true
                kill(caller, SIGUSR1)
            }
        }
    }

    private var interruptible: Set<Int32> = []

    /// Takes the signal, which is blocked and still pending.
    private func forgetInterruption() {
        mailbox.bytes.storeBytes(of: Self.interruptions, as: UInt64.self)
        // No time at all.
        for offset in [16, 24] {
            mailbox.bytes.storeBytes(of: 0, toByteOffset: offset, as: UInt64.self)
        }
        _ = call(Int(SYS_rt_sigtimedwait), room, 0, room + 16, 8)
    }

    // MARK: Memory

    func load(_ address: UInt, into bytes: UnsafeMutableRawBufferPointer) -> Bool {
        guard bytes.count <= mailbox.bytes.count else { return false }
        // From the memory to the file that is the mailbox's.
        let count = call(
            Int(SYS_pwrite64), file, address, UInt(bytes.count), UInt(Mailbox.room))
        guard count == bytes.count else { return false }
        bytes.copyMemory(from: UnsafeRawBufferPointer(mailbox.start(bytes.count)))
        return true
    }

    func store(_ bytes: UnsafeRawBufferPointer, at address: UInt) -> Bool {
        guard bytes.count <= mailbox.bytes.count else { return false }
        mailbox.bytes.copyMemory(from: bytes)
        return call(Int(SYS_pread64), file, address, UInt(bytes.count), UInt(Mailbox.room))
            == bytes.count
    }

    private var file: UInt { UInt(mailbox.descriptor) }
}
