import CLinux
import CSeccomp
import Linux
import Rules
import Tender

/// A filter for system calls, made by libseccomp from a launch's rules: what no rule allows ends the
/// process, and so does any call in the manner of another architecture.
///
/// This is one of the files with unsafe pointers: libseccomp's context is one.
@safe struct SystemCallFilter: ~Copyable {
    /// Nil once the program is there.
    private var context: UnsafeMutableRawPointer?
    /// What the kernel gets: instructions of Berkeley packet filters.
    private var program: [UInt8] = []

    enum Violation {
        /// The process ends at once.
        case kills
        /// The process gets SIGSYS, and may handle it.
        case signals
    }

    init(_ rules: [SystemCallRule], violation: Violation) throws(SandboxError) {
        unsafe context = try Self.context(rules, violation)
    }

    private static func context(
        _ rules: [SystemCallRule], _ violation: Violation
    ) throws(SandboxError) -> UnsafeMutableRawPointer {
        // libseccomp takes any refusal for a lack of the kernel's, and would do without what it lacks.
        var killing = LINUX_SECCOMP_KILL
        guard unsafe linux_seccomp_has(&killing) == 0 else { throw refusal(Errno.current) }
        let action = violation == .kills ? LINUX_SECCOMP_KILL : LINUX_SECCOMP_TRAP
        guard let context = unsafe seccomp_init(action) else {
            throw .failed("the filter", Errno(ENOMEM))
        }
        do throws(SandboxError) {
            try unsafe set(SCMP_FLTATR_ACT_BADARCH, LINUX_SECCOMP_KILL, in: context)
            // Without this, a filter would hold for the calling thread alone.
            try unsafe set(SCMP_FLTATR_CTL_TSYNC, 1, in: context)
            for rule in rules {
                try GuardedCall.check(rule)
                try unsafe allow(rule, in: context)
            }
            try unsafe answerMemory(in: context)
        } catch {
            unsafe seccomp_release(context)
            throw error
        }
        // The call that guests are run by is looked for first.
        unsafe seccomp_syscall_priority(context, seccomp_syscall_resolve_name("ioctl"), 255)
        return unsafe context
    }

    private static func set(
        _ attribute: scmp_filter_attr, _ value: UInt32, in context: UnsafeMutableRawPointer
    ) throws(SandboxError) {
        let error = unsafe seccomp_attr_set(context, attribute, value)
        guard error == 0 else { throw refusal(Errno(-error)) }
    }

    private static func allow(
        _ rule: SystemCallRule, in context: UnsafeMutableRawPointer
    ) throws(SandboxError) {
        // libseccomp reads the names and the comparisons during the calls.
        let number = unsafe seccomp_syscall_resolve_name(rule.name)
        guard number != LINUX_SECCOMP_NO_SUCH_CALL else {
            throw .filter(call: rule.name, Errno(ENOSYS))
        }
        let comparisons = rule.arguments.map { argument in
            argument.mask == .max
                ? scmp_arg_cmp(
                    arg: UInt32(truncatingIfNeeded: argument.index), op: SCMP_CMP_EQ,
                    datum_a: argument.value, datum_b: 0)
                : scmp_arg_cmp(
                    arg: UInt32(truncatingIfNeeded: argument.index), op: SCMP_CMP_MASKED_EQ,
                    datum_a: argument.mask, datum_b: argument.value)
        }
        let error = unsafe comparisons.withUnsafeBufferPointer {
            unsafe seccomp_rule_add_exact_array(
                context, LINUX_SECCOMP_ALLOW, number, UInt32(truncatingIfNeeded: $0.count),
                $0.baseAddress)
        }
        // Modules may have rules in common.
        guard error == 0 || error == -EEXIST else {
            throw .filter(call: rule.name, Errno(-error))
        }
    }

    /// The mapping that the C library asks for when its heap is full fails, as where the kernel has no more
    /// memory: it tells its caller, and the process can end in order. All other mappings end it.
    private static func answerMemory(in context: UnsafeMutableRawPointer) throws(SandboxError) {
        func comparison(
            _ argument: UInt32, _ comparison: scmp_compare, _ value: UInt64, _ masked: UInt64 = 0
        ) -> scmp_arg_cmp {
            scmp_arg_cmp(arg: argument, op: comparison, datum_a: value, datum_b: masked)
        }
        // Growth of the heap, where no rule allows it. A failure is not an error's number, but 0; and
        // a request has an address.
        try unsafe answer(
            "brk", linux_seccomp_error(0), [comparison(0, SCMP_CMP_GE, 1)], in: context)
        try unsafe answer(
            "mmap", linux_seccomp_error(UInt16(ENOMEM)),
            [
                comparison(1, SCMP_CMP_GE, UInt64(Heap.smallestFallback)),
                comparison(2, SCMP_CMP_EQ, UInt64(PROT_READ | PROT_WRITE)),
                // No file: -1 in 32 bits.
                comparison(4, SCMP_CMP_MASKED_EQ, 0xFFFF_FFFF, 0xFFFF_FFFF),
            ], in: context)
        // With GLIBC_TUNABLES=glibc.malloc.hugetlb=1, for a heap that has grown.
        try unsafe answer(
            "madvise", linux_seccomp_error(UInt16(EINVAL)),
            [comparison(2, SCMP_CMP_EQ, UInt64(MADV_HUGEPAGE))], in: context)
    }

    private static func answer(
        _ name: String, _ action: UInt32, _ comparisons: [scmp_arg_cmp],
        in context: UnsafeMutableRawPointer
    ) throws(SandboxError) {
        // libseccomp reads the name and the comparisons during the calls.
        let error = unsafe comparisons.withUnsafeBufferPointer {
            unsafe seccomp_rule_add_exact_array(
                context, action, seccomp_syscall_resolve_name(name),
                UInt32(truncatingIfNeeded: $0.count), $0.baseAddress)
        }
        // A module's rule may allow the call.
        guard error == 0 || error == -EEXIST else { throw .filter(call: name, Errno(-error)) }
    }

    /// Has libseccomp make the filter's program, and gives back the memory of all else that it has made,
    /// which is half of the heap. Where that fails, all is as before.
    mutating func compile() {
        // Versions of libseccomp before 2.6 have no other way.
        guard let file = try? FileDescriptor.inMemory(named: "filter"),
            unsafe seccomp_export_bpf(context, file.number) == 0,
            let program = try? file.read(at: 0, count: Self.mostBytes),
            // libseccomp takes it for done when only a part was written.
            Self.isWhole(program)
        else { return }
        self.program = program
        unsafe seccomp_release(context)
        unsafe context = nil
        Heap.tidy()
    }

    /// BPF_MAXINSNS instructions (linux/bpf_common.h).
    private static let mostBytes = 4096 * 8

    /// Whether a program has its end, which a limit of files' sizes may have cut off: all jumps lead
    /// forward, so that some would lead nowhere.
    static func isWhole(_ program: [UInt8]) -> Bool {
        let size = MemoryLayout<sock_filter>.size
        guard !program.isEmpty, program.count % size == 0 else { return false }
        let count = program.count / size
        for index in 0..<count {
            // struct sock_filter: a code of two bytes, the two jumps of a condition, and a number, all in
            // little-endian order.
            func byte(_ offset: Int) -> Int { Int(program[index * size + offset]) }
            guard byte(0) & 7 == Int(BPF_JMP) else { continue }
            let distance =
                byte(0) & 0xF0 == Int(BPF_JA)
                ? byte(4) | byte(5) << 8 | byte(6) << 16 | byte(7) << 24
                : max(byte(2), byte(3))
            guard index + 1 + distance < count else { return false }
        }
        return Int(program[(count - 1) * size]) & 7 == Int(BPF_RET)
    }

    /// From now on the filter holds for all threads of this process, and for all time.
    mutating func install() throws(SandboxError) {
        if let context = unsafe context {
            guard unsafe seccomp_load(context) == 0 else {
                // What libseccomp returns is not the kernel's error, which is still there.
                throw Self.refusal(Errno.current)
            }
            // Releasing its many parts would only make the launch longer.
            unsafe self.context = nil
            return
        }
        // The kernel copies the program during the call.
        let result = unsafe program.withUnsafeBytes {
            unsafe linux_install_filter($0.baseAddress, $0.count)
        }
        guard result <= 0 else { throw .failed("the filter", Errno(ESRCH)) }
        guard result == 0 else { throw Self.refusal(Errno.current) }
    }

    private static func refusal(_ errno: Errno) -> SandboxError {
        isInherited ? .filterRefused(errno) : .failed("the filter", errno)
    }

    /// Writes the filter for people to read.
    borrowing func writePseudoCode(to descriptor: Int32) throws(SandboxError) {
        let error = unsafe linux_seccomp_pseudo_code(context, descriptor)
        guard error == 0 else { throw .failed("the filter's text", Errno(-error)) }
    }

    /// Whether this process is under a filter already.
    static var isInherited: Bool {
        linux_prctl(PR_GET_SECCOMP, 0, 0) == Int32(SECCOMP_MODE_FILTER)
    }

    deinit {
        if let context = unsafe context { unsafe seccomp_release(context) }
    }
}
