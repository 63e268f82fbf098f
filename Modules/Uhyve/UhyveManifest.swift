import CLinux
import Linux
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
        systemCalls: systemCalls,
        // What it calls, vCPUs call as well.
        workers: [WorkerSpecification("the network card", systemCalls: [])])

    static let archive: Role = "the archive that the guest came in"
    static let directory: Role = "a directory with files for the guest"
    static let readOnlyDirectory: Role = "a directory that is mapped read-only"
    static let writableDirectory: Role = "a directory for the guest to write to"
    static let readingTable: Role = "the address of a way to open for reading"
    static let temporaryName: Role = "the address of the temporary directory's name"
    static let socketConsole: Role = "a console that is a socket"

    // What is made from the moment on at which all threads are there and the guest begins. Files that
    // the guest opens have whatever numbers are free, and what is about them can't say which.
    private static let systemCalls: [SystemCallSpecification] =
        [
            // Version 1's buffers are at virtual addresses. Also to say where a guest was that failed.
            SystemCallSpecification(
                "ioctl",
                [
                    .descriptor(argument: 0, Core.vcpu),
                    .equals(argument: 1, 0x8138_AE83, name: "KVM_GET_SREGS"),
                ]),
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
                    .descriptor(argument: 0, readOnlyDirectory),
                    .masked(argument: 2, readingTable, freeBits: ReadingTable.freeBits),
                ]),
            SystemCallSpecification("openat2", [.descriptor(argument: 0, writableDirectory)]),
            // In such a directory, or one below it that openat2 found.
            SystemCallSpecification("mkdirat", onlyWith: writableDirectory),
            SystemCallSpecification(
                "unlinkat", [.equals(argument: 2, 0, name: "no directory")],
                onlyWith: writableDirectory),
            // At the end, directories in the temporary one get its name, and what is called that goes.
            SystemCallSpecification(
                "renameat2",
                [.number(argument: 3, temporaryName), .equals(argument: 4, 0, name: "no flags")]),
            SystemCallSpecification(
                "unlinkat",
                [
                    .number(argument: 1, temporaryName),
                    .equals(argument: 2, UInt64(AT_REMOVEDIR), name: "AT_REMOVEDIR"),
                ]),
            SystemCallSpecification("lseek", onlyWith: directory),
            SystemCallSpecification("getdents64", onlyWith: directory),
            SystemCallSpecification("fstat", onlyWith: directory),
            SystemCallSpecification("close"),
            // The names of temporary files.
            SystemCallSpecification("getrandom", onlyWith: temporaryName),
            // The heap, in case that what was reserved of it does not do.
            SystemCallSpecification("brk"),
            // A signal that ended the guest ends the process, too, when all is cleaned up.
            SystemCallSpecification(
                "rt_sigaction", [.equals(argument: 2, 0, name: "no former action")]),
        ] + GuestThreads.systemCalls()
}
