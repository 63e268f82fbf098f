import CLinux
import GuestFiles
import Hypervisor
import Linux
import Rules
import Tender

extension UhyveModule {
    public static let manifest = ModuleManifest(
        name: "uhyve", trait: "Uhyve", guests: HermitKind.name,
        summary: "runs Hermit guests, as uhyve does",
        hypercalls: Call.allCases.map { call in
            let facts = call.facts
            return HypercallSpecification(
                number: facts.port, name: facts.name, argumentSize: facts.argumentSize,
                isPort: true)
        },
        options: HermitOptions.specifications,
        // Version 1's buffers are at virtual addresses. Also to say where a guest was that failed.
        operations: [Operation.Use(.readTranslation)], systemCalls: systemCalls)

    static let archive: Role = "the archive that the guest came in"
    static let socketConsole: Role = "a console that is a socket"

    // What is made from the moment on at which all threads are there and the guest begins. Files that
    // the guest opens have whatever numbers are free, and what is about them can't say which.
    private static let systemCalls: [SystemCallSpecification] =
        [
            // Files, standard input, the tap, events.
            SystemCallSpecification("read"),
            SystemCallSpecification("pread64", [.descriptor(argument: 0, archive)]),
            // Files, the console, the tap, events; statistics.
            SystemCallSpecification("write"),
            SystemCallSpecification(
                "sendto", [.descriptor(argument: 0, socketConsole), .toConnectedPeer]),
            // The end of the guest, a console that is full, standard input, the tap. Not poll, which
            // the kernel would continue after a stop by restart_syscall.
            SystemCallSpecification("ppoll"),
            // Beneath a directory that is mapped read-only, in ways that change nothing.
            SystemCallSpecification(
                "openat2",
                [
                    .descriptor(argument: 0, GuestFiles.readOnlyDirectory),
                    .masked(argument: 2, GuestFiles.readingTable, freeBits: ReadingTable.freeBits),
                ]),
            SystemCallSpecification(
                "openat2", [.descriptor(argument: 0, GuestFiles.writableDirectory)]),
            // In such a directory, or one below it that openat2 found.
            SystemCallSpecification("mkdirat", onlyWith: GuestFiles.writableDirectory),
            SystemCallSpecification(
                "unlinkat", [.equals(argument: 2, 0, name: "no directory")],
                onlyWith: GuestFiles.writableDirectory),
            // At the end, directories in the temporary one get its name, and what is called that goes.
            SystemCallSpecification(
                "renameat2",
                [
                    .number(argument: 3, GuestFiles.temporaryName),
                    .equals(argument: 4, 0, name: "no flags"),
                ]),
            SystemCallSpecification(
                "unlinkat",
                [
                    .number(argument: 1, GuestFiles.temporaryName),
                    .equals(argument: 2, UInt64(AT_REMOVEDIR), name: "AT_REMOVEDIR"),
                ]),
            SystemCallSpecification("lseek", onlyWith: GuestFiles.directory),
            SystemCallSpecification("getdents64", onlyWith: GuestFiles.directory),
            SystemCallSpecification("fstat", onlyWith: GuestFiles.directory),
            SystemCallSpecification("close"),
            // The names of temporary files.
            SystemCallSpecification("getrandom", onlyWith: GuestFiles.temporaryName),
            // Locks.
            SystemCallSpecification("futex"),
            // The heap, in case that what was reserved of it does not do.
            SystemCallSpecification("brk"),
            // The end: pthread_kill interrupts each vCPU's thread, which then waits for the process to
            // end.
            SystemCallSpecification("rt_sigprocmask"),
            SystemCallSpecification("getpid"),
            SystemCallSpecification("tgkill", [.number(argument: 0, Core.process)]),
            SystemCallSpecification("rt_sigreturn"),
            SystemCallSpecification("pause"),
            // A signal that ended the guest ends the process, too, when all is cleaned up.
            SystemCallSpecification(
                "rt_sigaction", [.equals(argument: 2, 0, name: "no former action")]),
            // Only where the kernel's clock can't be read without a call.
            SystemCallSpecification("clock_gettime"),
        ] + runtimeCalls

    /// What the language's runtime library does, which Embedded Swift is without.
    private static var runtimeCalls: [SystemCallSpecification] {
        #if hasFeature(Embedded)
            []
        #else
            // To know a thread that comes to one of its locks.
            [SystemCallSpecification("gettid")]
        #endif
    }
}
