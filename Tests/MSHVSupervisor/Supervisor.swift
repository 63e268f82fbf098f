import CEmulation
import CLinux
import EmulatedMSHV
import Linux

/// Serves the system calls of a program that are about /dev/mshv (seccomp_unotify(2)).
///
/// The program's own filter is in force at the same time: what it refuses does not come here.
final class Supervisor {
    private let program: Int32
    private let process: RemoteProcess
    private let device: EmulatedMSHV
    /// Where notifications come from.
    private let listener: Int32
    private let end: Int32
    private let hidesKVM = setting("PINNACE_MSHV_ONLY") != nil

    /// Leaves the session and the standard streams to the program.
    static func detach() {
        setsid()
        let null = open("/dev/null")
        for stream: Int32 in [0, 1] { dup2(null, stream) }
    }

    private static func open(_ path: String) -> Int32 { linux_open(path, O_RDWR | O_CLOEXEC, 0) }

    /// Waits for the program's beginning, and gets between it and the kernel.
    init(
        of program: Int32, _ mailbox: Mailbox, _ faults: Faults, attached: () -> Void
    ) throws(Errno) {
        self.program = program
        end = Int32(emulation_call(Int(SYS_pidfd_open), UInt(program), 0, 0, 0, 0, 0))
        let tracee = try Tracee(program, attached: attached)
        let protection = UInt(PROT_READ | PROT_WRITE | PROT_EXEC)
        let base = UInt(
            bitPattern: try tracee.call(
                Int(SYS_mmap), 0, UInt(Mailbox.size), protection, UInt(MAP_SHARED),
                UInt(mailbox.descriptor)))
        // Before the filter, which the new process is to be without.
        let caller = try tracee.call(
            Int(SYS_clone), UInt(CLONE_VM), at: base + UInt(Mailbox.code), r12: base)
        process = RemoteProcess(program, mailbox, at: base, caller: Int32(caller))
        _ = try tracee.call(Int(SYS_close), UInt(mailbox.descriptor))
        let room = base + UInt(Mailbox.room)
        _ = emulation_filter(
            mailbox.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), room)
        _ = try tracee.call(Int(SYS_prctl), UInt(PR_SET_NO_NEW_PRIVS), 1)
        let number = try tracee.call(
            Int(SYS_seccomp), UInt(SECCOMP_SET_MODE_FILTER),
            UInt(SECCOMP_FILTER_FLAG_NEW_LISTENER), room)
        listener = Int32(
            emulation_call(Int(SYS_pidfd_getfd), UInt(end), UInt(number), 0, 0, 0, 0))
        guard listener >= 0 else { throw Errno(-listener) }
        _ = try tracee.call(Int(SYS_close), UInt(number))
        try tracee.release()
        device = EmulatedMSHV(for: process, faults: faults)
    }

    /// Until the program has ended.
    func serve() {
        // It has the program's streams open, for whose end others wait.
        defer { process.end() }
        while true {
            var requests = [
                pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
                pollfd(fd: end, events: Int16(POLLIN), revents: 0),
            ]
            poll(&requests, 2, -1)
            if requests[1].revents != 0 || requests[0].revents & Int16(POLLHUP) != 0 { return }
            receive()
        }
    }

    private func receive() {
        var call = seccomp_notif()
        // It may have been interrupted.
        guard linux_ioctl(listener, EMULATION_NOTIF_RECV, &call) == 0 else { return }
        process.isAbandoned = { [listener] in
            var id = call.id
            return linux_ioctl(listener, EMULATION_NOTIF_ID_VALID, &id) != 0
        }
        let arguments = call.data.args
        do throws(Errno) {
            switch Int(call.data.nr) {
            case Int(SYS_ioctl):
                let descriptor = Int32(truncatingIfNeeded: arguments.0)
                guard device.knows(descriptor) else { return pass(call) }
                let request = UInt(arguments.1 & 0xFFFF_FFFF)
                answer(call, try device.ioctl(descriptor, request, UInt(arguments.2)))
            case Int(SYS_openat): try open(call, UInt(arguments.1))
            case EMULATION_ACCESS: try access(call, UInt(arguments.0))
            default: try open(call, UInt(arguments.0))
            }
        } catch {
            send(call, error: error.code)
        }
        for complaint in device.complaints {
            say(complaint)
            kill(program, SIGKILL)
        }
    }

    private func open(_ call: seccomp_notif, _ path: UInt) throws(Errno) {
        switch text(path, of: Int32(call.pid)) {
        case "/dev/mshv": answer(call, .opened(try device.open()))
        case "/dev/kvm" where hidesKVM: throw Errno(ENOENT)
        default: pass(call)
        }
    }

    private func access(_ call: seccomp_notif, _ path: UInt) throws(Errno) {
        switch text(path, of: Int32(call.pid)) {
        case "/dev/mshv": send(call)
        case "/dev/kvm" where hidesKVM: throw Errno(ENOENT)
        default: pass(call)
        }
    }

    /// A short string of the program's or one of its children's.
    private func text(_ address: UInt, of process: Int32) -> String? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = bytes.withUnsafeMutableBytes { buffer in
            var local = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
            // What follows a short string may not be there.
            var remote = iovec(
                iov_base: UnsafeMutableRawPointer(bitPattern: address),
                iov_len: min(buffer.count, 4096 - Int(address % 4096)))
            return process_vm_readv(process, &local, 1, &remote, 1, 0)
        }
        guard count > 0, let end = bytes.firstIndex(of: 0) else { return nil }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    // MARK: Answers

    private func answer(_ call: seccomp_notif, _ answer: EmulatedMSHV.Answer) {
        switch answer {
        case .value(let value): send(call, value: value)
        case .opened(let object):
            var added = seccomp_notif_addfd()
            added.id = call.id
            added.flags = UInt32(EMULATION_ADDFD_SEND)
            added.srcfd = UInt32(object.fileNumber)
            added.newfd_flags = UInt32(O_CLOEXEC)
            let number = linux_ioctl(listener, EMULATION_NOTIF_ADDFD, &added)
            if number >= 0 {
                device.adopt(object, as: number)
            } else {
                send(call, error: linux_errno())
            }
        }
    }

    private func send(_ call: seccomp_notif, value: Int32 = 0, error: Int32 = 0) {
        var response = seccomp_notif_resp()
        response.id = call.id
        response.val = Int64(value)
        response.error = -error
        // A caller that was interrupted gets nothing, and calls again.
        _ = linux_ioctl(listener, EMULATION_NOTIF_SEND, &response)
    }

    /// Has the kernel do what was asked of it.
    private func pass(_ call: seccomp_notif) {
        var response = seccomp_notif_resp()
        response.id = call.id
        response.flags = UInt32(EMULATION_FLAG_CONTINUE)
        _ = linux_ioctl(listener, EMULATION_NOTIF_SEND, &response)
    }
}
