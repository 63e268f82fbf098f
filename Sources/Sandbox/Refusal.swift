import CLinux
import CSeccomp
import Linux
import Rules
import Synchronization
import Tender

/// The answer to SIGSYS, which a refused system call raises: by our own filter, where it is to be
/// explained, or by one that the process was started under.
///
/// This is one of the files with unsafe pointers: the kernel hands a signal's handler such.
enum Refusal {
    private static let standardName: StaticString = "pinnace"
    /// The beginning of the lines. Never freed.
    private nonisolated(unsafe) static var program = unsafe UnsafeBufferPointer<UInt8>(
        start: standardName.utf8Start, count: standardName.utf8CodeUnitCount)
    /// Name and further words, by the number of the call. Never freed.
    private nonisolated(unsafe) static var explanations = unsafe UnsafeBufferPointer<
        (name: UnsafeBufferPointer<UInt8>, why: UnsafeBufferPointer<UInt8>)
    >(start: nil, count: 0)

    /// More calls than any kernel has.
    private static let callCount: Int32 = 512

    // MARK: By a policy that we were started under

    static func name(_ program: String) { unsafe Self.program = permanent(program) }

    /// Whether the guest is about to run, or runs.
    private static let isGuestRunning = Atomic(false)

    /// Forgets refused calls: they are no reason for failures from now on.
    static func beginGuest() {
        isGuestRunning.store(true, ordering: .relaxed)
        answered = nil
    }

    /// Whether this is the process that only tries calls (`OuterPolicy`).
    static let isTrying = Atomic(false)
    /// The last call that was refused, if its caller was told so by an error.
    static var answered: Int32? {
        get {
            let number = answeredNumber.load(ordering: .relaxed)
            return number == noCall ? nil : number
        }
        set { answeredNumber.store(newValue ?? noCall, ordering: .relaxed) }
    }
    private static let answeredNumber = Atomic<Int32>(noCall)
    private static let noCall = Int32.min
    /// All such calls so far, by their numbers. Never freed.
    private nonisolated(unsafe) static let isAnswered = UnsafeMutablePointer<Bool>.allocate(
        capacity: Int(callCount))

    /// The names of all calls that were answered so far.
    static var answeredNames: [String] {
        guard answered != nil else { return [] }
        return (0..<callCount).filter { unsafe isAnswered[Int($0)] }.map(name(of:))
    }

    /// Has SIGSYS dealt with, which comes from a policy that we were started under.
    ///
    /// Until the guest runs, the call fails with EPERM, so that its caller can do without or clean up
    /// and end with a line. Where that can't be, and from then on, there is a line at once.
    static func explainOuter() {
        unsafe isAnswered.initialize(repeating: false, count: Int(callCount))
        _ = unsafe linux_handle_refusal(
            { _, information, context in
                let number = unsafe information.map { unsafe linux_refused_call($0) } ?? -1
                let isAnswered =
                    Refusal.isGuestRunning.load(ordering: .relaxed)
                    // A thread with nothing more to do waits for the end in this way or another.
                    ? number == LINUX_PAUSE : !Refusal.isVital(number)
                let isTrying = Refusal.isTrying.load(ordering: .relaxed)
                if isTrying || isAnswered {
                    Refusal.answered = number
                    if !isTrying, (0..<Refusal.callCount).contains(number) {
                        unsafe Refusal.isAnswered[Int(number)] = true
                    }
                    if let context = unsafe context { unsafe linux_answer_refused(context, EPERM) }
                    return
                }
                var line = MessageLine()
                unsafe Refusal.describe(information, context, in: &line)
                line.append(Refusal.outer)
                line.writeDirectly()
                Emergency.end()
            }, 0)
    }

    private static let outer: StaticString =
        ": an outer seccomp policy refuses it: allow it there"

    /// Whether the C library can't stand an error of this call.
    private static func isVital(_ number: Int32) -> Bool {
        let vital = [SYS_brk, SYS_futex, SYS_exit_group, SYS_write]
        return vital.contains { Int32($0) == number }
    }

    /// Those that the C library makes while its heap is locked, so that libseccomp, which needs the
    /// heap, can't be asked for their names.
    private static let memoryCalls: [(number: Int32, name: StaticString)] = [
        (Int32(SYS_brk), "brk"), (Int32(SYS_mmap), "mmap"), (Int32(SYS_munmap), "munmap"),
        (Int32(SYS_mprotect), "mprotect"), (Int32(SYS_mremap), "mremap"),
        (Int32(SYS_madvise), "madvise"),
    ]

    // MARK: By our own filter

    /// Has SIGSYS explained, which comes from our own filter. The process dies of it all the same.
    static func explainOwn(_ rules: [SystemCallRule]) {
        let table = UnsafeMutableBufferPointer<
            (name: UnsafeBufferPointer<UInt8>, why: UnsafeBufferPointer<UInt8>)
        >.allocate(capacity: Int(callCount))
        for number in 0..<callCount {
            let name = name(of: number)
            unsafe table.initializeElement(
                at: Int(number), to: (permanent(name), permanent(why(name, rules))))
        }
        unsafe explanations = UnsafeBufferPointer(table)
        _ = unsafe linux_handle_refusal(
            { _, information, context in
                var line = MessageLine()
                let number = unsafe Refusal.describe(information, context, in: &line)
                if unsafe Refusal.explanations.indices.contains(number) {
                    unsafe line.append(Refusal.explanations[number].why)
                }
                line.writeDirectly()
                // This signal is blocked now, and not handled any more. So this ends the process, by it.
                linux_refused_again()
            }, 1)
    }

    private static func why(_ name: String, _ rules: [SystemCallRule]) -> String {
        var owners: [String] = []
        for rule in rules
        where rule.name.utf8.elementsEqual(name.utf8) && !owners.contains(rule.owner) {
            owners.append(rule.owner)
        }
        guard !owners.isEmpty else { return ": nothing in this launch may make it" }
        return ": with other arguments, this launch allows it to " + owners.joined(separator: ", ")
    }

    static func name(of number: Int32) -> String {
        // libseccomp returns a string of our own, or none.
        guard let name = unsafe seccomp_syscall_resolve_num_arch(seccomp_arch_native(), number)
        else { return "number \(number)" }
        defer { unsafe free(name) }
        return unsafe String(cString: name)
    }

    private static func permanent(_ text: String) -> UnsafeBufferPointer<UInt8> {
        let bytes = Array(text.utf8)
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        unsafe _ = copy.initialize(from: bytes)
        return UnsafeBufferPointer(copy)
    }

    // MARK: In the handler, where nothing may be allocated

    /// Appends what was refused.
    ///
    /// - Returns: the number of the call.
    @discardableResult
    private static func describe(
        _ information: UnsafeMutablePointer<siginfo_t>?, _ context: UnsafeMutableRawPointer?,
        in line: inout MessageLine
    ) -> Int {
        guard let information = unsafe information, let context = unsafe context else { return -1 }
        let number = Int(unsafe linux_refused_call(information))
        unsafe line.append(program)
        line.append(": system call ")
        if unsafe explanations.indices.contains(number) {
            unsafe line.append(explanations[number].name)
        } else if let known = memoryCalls.first(where: { $0.number == Int32(number) }) {
            line.append(known.name)
        } else if let name = unsafe seccomp_syscall_resolve_num_arch(
            seccomp_arch_native(), Int32(truncatingIfNeeded: number))
        {
            // A string of our own; the process is about to end. No call that is refused here comes from
            // inside the heap.
            unsafe line.append(
                UnsafeBufferPointer(
                    start: UnsafeRawPointer(name).assumingMemoryBound(to: UInt8.self),
                    count: strlen(name)))
        } else {
            line.append(hexadecimal: UInt64(clamping: number))
        }
        var arguments: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0)
        unsafe withUnsafeMutableBytes(of: &arguments) { bytes in
            let words = unsafe bytes.bindMemory(to: UInt64.self)
            unsafe linux_refused_arguments(context, words.baseAddress)
            for index in words.indices {
                line.append(index == 0 ? "(" : ", ")
                unsafe line.append(hexadecimal: words[index])
            }
        }
        line.append(") was refused")
        return number
    }
}
