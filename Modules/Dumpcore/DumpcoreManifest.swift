import CLinux
import Tender

extension DumpcoreModule {
    static let option = "dumpcore"
    static let directory: Role = "the directory for core files"
    static let file: Role = "the core file"
    static let spare: Role = "a number that is to be free"

    public static let manifest = ModuleManifest(
        name: "dumpcore", trait: "Dumpcore", guests: nil,
        summary: "keeps what a failed guest leaves as a core file, for gdb",
        options: [
            OptionSpecification(
                name: option, valueName: "DIR",
                help: "write a core file to DIR if the guest fails, or on SIGUSR1")
        ],
        systemCalls: [
            // Where there is Landlock, only this directory is reached that way.
            SystemCallSpecification("openat", [.descriptor(argument: 0, directory)]),
            SystemCallSpecification("dup3", [.descriptor(argument: 1, file)]),
            SystemCallSpecification("close", onlyWith: file),
            SystemCallSpecification("pwrite64", [.descriptor(argument: 0, file)]),
            SystemCallSpecification(
                "linkat",
                [
                    .descriptor(argument: 2, directory),
                    .equals(argument: 4, UInt64(AT_SYMLINK_FOLLOW), name: "AT_SYMLINK_FOLLOW"),
                ]),
            // The signal for a core file, and the vCPUs that it interrupts.
            SystemCallSpecification("rt_sigreturn", onlyWith: file),
            SystemCallSpecification("rt_sigprocmask", onlyWith: file),
            SystemCallSpecification("getpid", onlyWith: file),
            SystemCallSpecification("gettid", onlyWith: file),
            SystemCallSpecification("tgkill", onlyWith: file),
            SystemCallSpecification("futex", onlyWith: file),
        ])
}
