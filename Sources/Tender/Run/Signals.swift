import CLinux
import Linux
import Synchronization

/// The tender's signal dispositions (signal(7)).
///
/// - SIGTERM ends the tender with a message and status 1.
/// - SIGINT ends it with a message and by the signal itself, since a shell continues a script if
///   the program exited normally on Ctrl-C. A program that the tender replaces may have status 1
///   instead.
/// - SIGPIPE and SIGXFSZ are ignored: the calls that raise them fail as well.
/// - All others keep their disposition; see `divert` for tenders that have to clean up.
///
/// The inherited signal mask is replaced by an empty one: supervisors that handle signals on one
/// thread block them on the others, and children inherit the mask.
///
/// A block write that the guest saw succeed is in the file by then.
public enum Signals {
    /// Messages of one line each. Never freed.
    private nonisolated(unsafe) static var interruptLine = Text("")
    private nonisolated(unsafe) static var terminationLine = Text("")
    private static let diesOfInterrupt = Atomic(true)
    private static let process = Atomic<pid_t>(0)

    /// - Parameters:
    ///   - program: the prefix of messages.
    ///   - diesOfInterrupt: whether SIGINT ends the process by the signal, not with status 1.
    public static func install(program: String, diesOfInterrupt: Bool) {
        // Written once, before the handlers that read them are installed.
        unsafe interruptLine = Text("\(program): \(description(of: SIGINT))")
        unsafe terminationLine = Text("\(program): \(description(of: SIGTERM))")
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
        // Both calls use the set only while they run.
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, nil)
    }

    private static let handler: @convention(c) (Int32) -> Void = { number in
        StandardError.hurry()
        unsafe (number == SIGINT ? interruptLine : terminationLine).write()
        tellLoss()
        if number == SIGINT, diesOfInterrupt.load(ordering: .relaxed) {
            // `linux_handle_last_signal` reset the disposition, so that this ends the process.
            _ = linux_raise(process.load(ordering: .relaxed), number)
        }
        _exit(1)
    }

    // MARK: Output that was lost

    private nonisolated(unsafe) static var loss: Unmanaged<ConsoleLoss>?
    /// The text before and after the number.
    private nonisolated(unsafe) static var lossLine = (before: Text(""), after: Text(""))

    /// From now on SIGINT and SIGTERM also report how much of the guest's output was lost, and so
    /// do the other signals below before they end the process, unless they are ignored.
    public static func tell(_ loss: ConsoleLoss, program: String) {
        unsafe lossLine = (Text("\(program): "), Text(ConsoleLoss.words))
        // Retained until the process ends, as the handler is.
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
        var line = MessageLine()
        unsafe lossLine.before.append(to: &line)
        line.append(decimal: count)
        unsafe lossLine.after.append(to: &line)
        line.write()
    }

    // MARK: For a tender that has something to clean up

    /// The eventfd that the handler signals, set before it is installed.
    private static let event = Atomic<Int32>(-1)
    /// The number of the last signal, or 0; set by the handler before it signals the eventfd.
    private static let received = Atomic<Int32>(0)
    /// Diverted signals: bit n - 1 is signal n. Used only by the thread that launches.
    private nonisolated(unsafe) static var divertedSet: UInt64 = 0
    /// The former signal actions, by number. Never freed.
    private nonisolated(unsafe) static let former = {
        let actions = UnsafeMutableBufferPointer<sigaction>.allocate(capacity: 65)
        unsafe actions.initialize(repeating: sigaction())
        return unsafe actions
    }()

    /// The signals that end a process by default and can be caught (signal(7)), except SIGSYS,
    /// which the sandbox uses, the C library's own, and the spare one, which interrupts threads.
    private static var endings: [Int32] {
        [
            SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGUSR1, SIGSEGV,
            SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF,
            SIGIO, SIGPWR,
        ] + (linux_spare_signal() + 1...64)
    }

    /// From now on signals that would end the process signal an eventfd instead; `diverted` is the
    /// last of them. Ignored signals stay ignored, except SIGINT and SIGTERM. Faults (synchronous
    /// SIGSEGV, SIGBUS …) are not diverted: they go to their former handler, if there is one.
    ///
    /// - Parameter descriptor: an eventfd. It stays open until `restore`.
    public static func divert(to descriptor: Int32) {
        // Otherwise the diversion would become its own former action.
        restore()
        event.store(descriptor, ordering: .relaxed)
        received.store(0, ordering: .relaxed)
        process.store(getpid(), ordering: .relaxed)
        for number in endings where isTold(number) || linux_is_signal_ignored(number) == 0 {
            // The storage stays valid: it is never freed.
            let slot = unsafe former.baseAddress.map { unsafe $0 + Int(number) }
            if unsafe linux_divert_signal(number, diversion, slot) == 0 {
                unsafe divertedSet |= 1 << UInt64(number - 1)
            }
        }
        unblock()
    }

    /// Restores the former signal actions.
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
                // The instruction faults again on return, and the default action ends the process.
                _ = linux_default_signal(number)
            }
            linux_set_errno(errno)
            return
        }
        // A system call changes errno, which the interrupted code may be about to read.
        let errno = linux_errno()
        StandardError.hurry()
        received.store(number, ordering: .releasing)
        // eventfd_write is write(2), which signal-safety(7) allows.
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

    /// Whether the tender prints a message on this signal: only on those that it handles itself.
    public static func isTold(_ number: Int32) -> Bool { number == SIGINT || number == SIGTERM }

    /// Ends the process by a diverted signal, after the clean-up; returns if the process is to exit
    /// with a status instead.
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
        // A seccomp policy from outside forbids even that.
        _exit(128 + number)
    }
}

/// Bytes that a signal handler can write. Never freed.
@safe private struct Text {
    private let bytes: UnsafeBufferPointer<UInt8>

    init(_ text: String) {
        let source = Array(text.utf8)
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: source.count)
        unsafe _ = copy.initialize(from: source)
        unsafe bytes = UnsafeBufferPointer(copy)
    }

    func append(to line: inout MessageLine) {
        unsafe line.append(bytes)
    }

    func write() {
        var line = MessageLine()
        append(to: &line)
        line.write()
    }
}
