import CLinux
import Linux
import Synchronization

/// What signals do to the tender.
///
/// - SIGTERM ends it with a line and status 1.
/// - SIGINT ends it with a line, and by itself: a shell goes on with a script when the program that
///   it ran has dealt with Ctrl-C. A program that we stand in for may have status 1 instead.
/// - SIGPIPE and SIGXFSZ do nothing, for the calls that raise them fail as well.
/// - All others do what they always do; see `divert` for tenders that have something to clean up.
///
/// That is so whatever mask we were started with: supervisors that handle signals on one thread
/// block them on the others, and children inherit the mask.
///
/// A block write that was acknowledged is in the file by then.
public enum Signals {
    /// What to print, each a whole line. Never freed.
    private nonisolated(unsafe) static var interruptLine = Text("")
    private nonisolated(unsafe) static var terminationLine = Text("")
    private static let diesOfInterrupt = Atomic(true)
    private static let process = Atomic<pid_t>(0)

    /// - Parameters:
    ///   - program: what messages begin with.
    ///   - diesOfInterrupt: whether SIGINT ends the process by itself, rather than with status 1.
    public static func install(program: String, diesOfInterrupt: Bool) {
        // Written once, before the handlers that read it are installed.
        unsafe interruptLine = Text("\(program): \(description(of: SIGINT))\n")
        unsafe terminationLine = Text("\(program): \(description(of: SIGTERM))\n")
        self.diesOfInterrupt.store(diesOfInterrupt, ordering: .relaxed)
        process.store(getpid(), ordering: .relaxed)
        // The handler makes only calls that signal-safety(7) allows.
        if diesOfInterrupt {
            _ = linux_handle_last_signal(SIGINT, handler)
        } else {
            _ = linux_handle_signal(SIGINT, handler)
        }
        _ = linux_handle_signal(SIGTERM, handler)
        _ = linux_ignore_signal(SIGPIPE)
        _ = linux_ignore_signal(SIGXFSZ)
        unblock()
    }

    static func description(of number: Int32) -> String { "Exiting on signal \(number)" }

    private static func unblock() {
        var none = sigset_t()
        // These fill in and read the set during the calls.
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, nil)
    }

    private static let handler: @convention(c) (Int32) -> Void = { number in
        StandardError.hurry()
        unsafe (number == SIGINT ? interruptLine : terminationLine).write()
        tellLoss()
        if number == SIGINT, diesOfInterrupt.load(ordering: .relaxed) {
            // `linux_handle_last_signal` has made this the end.
            _ = linux_raise(process.load(ordering: .relaxed), number)
        }
        _exit(1)
    }

    // MARK: Output that was lost

    private nonisolated(unsafe) static var loss: Unmanaged<ConsoleLoss>?
    /// What precedes the number, and what follows it.
    private nonisolated(unsafe) static var lossLine = (before: Text(""), after: Text(""))

    /// From now on SIGINT and SIGTERM also tell how much of the guest's output was lost, and so do
    /// others that end a process, of those that somebody may send, before they do.
    public static func tell(_ loss: ConsoleLoss, program: String) {
        unsafe lossLine = (Text("\(program): "), Text("\(ConsoleLoss.words)\n"))
        // It lives to the end of the process, as the handler does.
        unsafe self.loss = Unmanaged.passRetained(loss)
        for number in [SIGHUP, SIGQUIT, SIGABRT, SIGUSR1, SIGUSR2, SIGALRM, SIGXCPU]
        where linux_is_signal_ignored(number) == 0 {
            _ = linux_handle_last_signal(number, lastHandler)
        }
    }

    private static let lastHandler: @convention(c) (Int32) -> Void = { number in
        StandardError.hurry()
        tellLoss()
        // As for SIGINT.
        _ = linux_raise(process.load(ordering: .relaxed), number)
        _exit(128 + number)
    }

    private static func tellLoss() {
        guard let count = unsafe loss?._withUnsafeGuaranteedRef({ $0.countToTell }), count > 0
        else { return }
        unsafe lossLine.before.write()
        var divisor: UInt64 = 1
        while count / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            var digit = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: count / divisor % 10)
            // The byte stays valid during the call.
            unsafe withUnsafeBytes(of: &digit) { unsafe _ = StandardError.write($0) }
            divisor /= 10
        }
        unsafe lossLine.after.write()
    }

    // MARK: For a tender that has something to clean up

    /// The eventfd that the handler signals, set before it is installed.
    private static let event = Atomic<Int32>(-1)
    /// The number of the last signal, or 0: set by the handler, before it signals the event.
    private static let received = Atomic<Int32>(0)
    /// Bit n - 1 stands for signal n. Used by the thread that launches alone.
    private nonisolated(unsafe) static var divertedSet: UInt64 = 0
    /// What signals did before, by their numbers. Never freed.
    private nonisolated(unsafe) static let former = {
        let actions = UnsafeMutableBufferPointer<sigaction>.allocate(capacity: 65)
        unsafe actions.initialize(repeating: sigaction())
        return unsafe actions
    }()

    /// All signals that end a process by default and can be caught (signal(7)), but SIGSYS, which
    /// belongs to the sandbox, and the C library's own with the one after, by which threads are
    /// interrupted.
    private static var endings: [Int32] {
        [
            SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGUSR1, SIGSEGV,
            SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF,
            SIGIO, SIGPWR,
        ] + (linux_spare_signal() + 1...64)
    }

    /// From now on signals that end a process end nothing by themselves, but signal an event;
    /// `diverted` is the last of them. Those that are ignored stay so, and SIGINT and SIGTERM are not.
    /// A fault is no signal of that kind: if it had a handler, it goes there as before.
    ///
    /// - Parameter descriptor: an `EventDescriptor`'s. It stays open until `restore`.
    public static func divert(to descriptor: Int32) {
        // Or a diversion would be the former action of its own.
        restore()
        event.store(descriptor, ordering: .relaxed)
        received.store(0, ordering: .relaxed)
        process.store(getpid(), ordering: .relaxed)
        for number in endings where isTold(number) || linux_is_signal_ignored(number) == 0 {
            // The place stays valid: it is never freed.
            let place = unsafe former.baseAddress.map { unsafe $0 + Int(number) }
            if unsafe linux_divert_signal(number, diversion, place) == 0 {
                unsafe divertedSet |= 1 << UInt64(number - 1)
            }
        }
        unblock()
    }

    /// Has signals do again what they did before.
    public static func restore() {
        for number in endings where unsafe divertedSet & 1 << UInt64(number - 1) != 0 {
            unsafe _ = linux_restore_signal(number, &former[Int(number)])
        }
        unsafe divertedSet = 0
        Heap.resumeExplanation()
    }

    /// The number of the signal that was diverted, if one was.
    public static var diverted: Int32? {
        let number = received.load(ordering: .acquiring)
        return number == 0 ? nil : number
    }

    private typealias Handler =
        @convention(c) (Int32, UnsafeMutablePointer<siginfo_t>?, UnsafeMutableRawPointer?) -> Void

    private static let diversion: Handler = { number, information, context in
        if isFaultSignal(number), let information = unsafe information,
            unsafe linux_signal_is_fault(information) != 0
        {
            let errno = linux_errno()
            if Heap.signals.contains(number) { Heap.endIfExhausted() }
            if unsafe linux_call_former(&former[Int(number)], number, information, context) == 0 {
                // The instruction is tried again, and that is the end.
                _ = linux_default_signal(number)
            }
            linux_set_errno(errno)
            return
        }
        // A system call changes errno, which the interrupted code may be about to look at.
        let errno = linux_errno()
        StandardError.hurry()
        received.store(number, ordering: .releasing)
        // signal-safety(7) allows write, which is all that this is.
        _ = eventfd_write(event.load(ordering: .relaxed), 1)
        linux_set_errno(errno)
    }

    private static func isFaultSignal(_ number: Int32) -> Bool {
        switch number {
        case SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV: true
        default: false
        }
    }

    // MARK: The end

    /// Whether there is a line about this signal: there is none about those that do what they always
    /// do.
    public static func isTold(_ number: Int32) -> Bool { number == SIGINT || number == SIGTERM }

    /// Ends the process by a diverted signal, now that all is cleaned up; returns if it is to end with
    /// a status.
    public static func end(by number: Int32) {
        let isStatus =
            number == SIGTERM
            || number == SIGINT && !diesOfInterrupt.load(ordering: .relaxed)
        if !isStatus { die(of: number) }
    }

    /// Ends the process by a signal that was diverted.
    public static func die(of number: Int32) {
        _ = linux_default_signal(number)
        _ = linux_raise(process.load(ordering: .relaxed), number)
        // Not even that is allowed, by a policy that we were started under.
        _exit(128 + number)
    }
}

/// Bytes that a handler can write. Never freed.
@safe private struct Text {
    private let bytes: UnsafeBufferPointer<UInt8>

    init(_ text: String) {
        let source = Array(text.utf8)
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: source.count)
        unsafe _ = copy.initialize(from: source)
        unsafe bytes = UnsafeBufferPointer(copy)
    }

    func write() {
        unsafe _ = StandardError.write(UnsafeRawBufferPointer(bytes))
    }
}
