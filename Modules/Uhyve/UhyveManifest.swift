import CLinux
import Hypervisor
import Linux
import Rules
import Tender

/// The manifest of module Uhyve: its options, hypercalls and system calls.
public enum UhyveManifest {
    /// The name of the guest kind.
    public static let guests = "Hermit"
    /// The program that it replaces.
    public static let persona = "uhyve"

    public static let known = KnownModule(
        name: "uhyve", trait: "Uhyve", guests: guests, personas: [persona],
        recognises: { (file) throws(ImageError) in try HermitMark.recognise(file) })

    public static let manifest = ModuleManifest(
        known, summary: "runs Hermit guests, as uhyve does", hypercalls: hypercalls,
        options: options,
        // For the file buffers of interface version 1, which are at virtual addresses, and for
        // fault reports.
        operations: [Operation.Use(.readTranslation)], systemCalls: systemCalls,
        // It makes only system calls that vCPU threads make as well.
        workers: [WorkerSpecification("the network card", systemCalls: [])])

    private static let options = [
        OptionSpecification(
            name: "cpus", valueName: "N", help: "number of vCPUs; 1 by default",
            isNativeOnly: true),
        OptionSpecification(
            name: "env", valueName: "NAME=VALUE | NAME | host",
            help: "a variable for the guest; NAME alone takes over ours, host all",
            isRepeatable: true, isNativeOnly: true),
        OptionSpecification(
            name: "env-file", valueName: "PATH",
            help: "more of them, a line each; lines that begin with # are skipped",
            isRepeatable: true, isNativeOnly: true),
        OptionSpecification(
            name: "file-mapping", valueName: "HOST:GUEST[:ro]",
            help: "a file or directory for the guest to see at GUEST, or only to read",
            isRepeatable: true, isNativeOnly: true),
        OptionSpecification(
            name: "temporary-directory", valueName: "PATH",
            help: "where to make a directory for files that the guest makes elsewhere",
            isNativeOnly: true),
        OptionSpecification(
            name: "net", valueName: "NETWORK",
            help: "a tap, IFACE or @FD, wire:IFACE, unix:PATH, or passt,tcp=8080:80",
            isNativeOnly: true),
        OptionSpecification(
            name: "net-argument", valueName: "TEMPLATE",
            help: "an argument for the guest, of what wire:IFACE has: {address}",
            isRepeatable: true, isNativeOnly: true),
        OptionSpecification(
            name: "net-mac", valueName: "HWADDR",
            help: "its hardware address; by default wire's, or a random one",
            isNativeOnly: true),
        OptionSpecification(
            name: "net-offload", valueName: "MODE",
            help: "auto or off: TCP in large pieces from and to a tap",
            isNativeOnly: true),
        OptionSpecification(
            name: "no-aslr", help: "put guest and memory at fixed addresses", isNativeOnly: true),
        OptionSpecification(
            name: "stats", help: "tell exits, hypercalls and times of each vCPU at the end",
            isNativeOnly: true),
        OptionSpecification(
            name: "output", valueName: "PATH | none",
            help: "a new file for the guest's console, instead of standard output",
            isNativeOnly: true),
        OptionSpecification(
            name: "hermit-image-mode", valueName: "MODE",
            help: "external or internal: an archive's files, or all in memory",
            isNativeOnly: true),
        OptionSpecification(
            name: "affinity", valueName: "LIST",
            help: "bind each vCPU to one of the host's CPUs, as in 0,2,4-7", isNativeOnly: true),
        OptionSpecification(
            name: "thp", help: "prefer huge pages for the guest's memory", isNativeOnly: true),
        OptionSpecification(
            name: "ksm", help: "let the host share equal pages of guests", isNativeOnly: true),
        OptionSpecification(
            name: "pit", help: "give the machine the interval timer of old PCs",
            isNativeOnly: true),
    ]
    public static let archive: Role = "the archive that the guest came in"
    public static let directory: Role = "a directory with files for the guest"
    public static let readOnlyDirectory: Role = "a directory that is mapped read-only"
    public static let writableDirectory: Role = "a directory for the guest to write to"
    public static let readingTable: Role = "the address of a way to open for reading"
    public static let temporaryName: Role = "the address of the temporary directory's name"
    public static let socketConsole: Role = "a console that is a socket"

    // System calls from the start of the guest on, when all threads exist. Files that the guest
    // opens get the lowest free numbers, so rules for calls on them can't name a descriptor.
    private static let systemCalls: [SystemCallSpecification] =
        [
            // Files, standard input, the tap, events.
            SystemCallSpecification("read"),
            SystemCallSpecification("pread64", [.descriptor(argument: 0, archive)]),
            // Files, the console, the tap, events; statistics.
            SystemCallSpecification("write"),
            SystemCallSpecification(
                "sendto", [.descriptor(argument: 0, socketConsole), .toConnectedPeer]),
            // The end of the guest, a console that is full, standard input, the tap. Not poll,
            // which the kernel continues by restart_syscall after a stop.
            SystemCallSpecification("ppoll"),
            // Beneath a directory that is mapped read-only, with flags that change nothing.
            SystemCallSpecification(
                "openat2",
                [
                    .descriptor(argument: 0, readOnlyDirectory),
                    .masked(argument: 2, readingTable, freeBits: ReadingTable.freeBits),
                ]),
            SystemCallSpecification(
                "openat2", [.descriptor(argument: 0, writableDirectory)]),
            // In such a directory, or one below it that openat2 found.
            SystemCallSpecification("mkdirat", onlyWith: writableDirectory),
            SystemCallSpecification(
                "unlinkat", [.equals(argument: 2, 0, name: "no directory")],
                onlyWith: writableDirectory),
            // At the end, subdirectories of the temporary directory are renamed to its name, the
            // only one that rmdir is allowed for.
            SystemCallSpecification(
                "renameat2",
                [
                    .number(argument: 3, temporaryName),
                    .equals(argument: 4, 0, name: "no flags"),
                ]),
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
            // The heap, if it outgrows the reserved part.
            SystemCallSpecification("brk"),
            // After cleaning up, the process ends by the signal that ended the guest.
            SystemCallSpecification(
                "rt_sigaction", [.equals(argument: 2, 0, name: "no former action")]),
        ] + GuestThreads.systemCalls()
}
