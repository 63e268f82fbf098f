import CLinux
import Rules
import Tender

/// The manifest of module Dumpcore: its option, descriptor roles and system calls.
public enum DumpcoreManifest {
    public static let option = OptionSpecification(
        name: "dumpcore", valueName: "DIR",
        help: "write a core file to DIR if the guest fails, or on SIGUSR1")
    public static let directory: Role = "the directory for core files"
    public static let file: Role = "the core file"
    public static let spare: Role = "a number that is to be free"

    public static let known = KnownModule(
        name: "dumpcore", trait: "Dumpcore", guests: nil, options: [option])

    public static let manifest = ModuleManifest(
        known, summary: "keeps what a failed guest leaves as a core file, for gdb",
        systemCalls: [
            // These flags create an unnamed file and can't open an existing one; the pinned mode
            // rules out set-user-ID files.
            SystemCallSpecification(
                "openat",
                [
                    .descriptor(argument: 0, directory),
                    .equals(
                        argument: 2, UInt64(O_WRONLY | O_TMPFILE | O_CLOEXEC),
                        name: "O_WRONLY | O_TMPFILE | O_CLOEXEC"),
                    .equals(argument: 3, 0o600, name: "mode 0600"),
                ]),
            SystemCallSpecification("dup3", [.descriptor(argument: 1, file)]),
            SystemCallSpecification("close", onlyWith: file),
            SystemCallSpecification("pwrite64", [.descriptor(argument: 0, file)]),
            SystemCallSpecification(
                "linkat",
                [
                    .descriptor(argument: 2, directory),
                    .equals(argument: 4, UInt64(AT_SYMLINK_FOLLOW), name: "AT_SYMLINK_FOLLOW"),
                ]),
            // SIGUSR1, and interrupting the vCPUs for it.
            SystemCallSpecification("rt_sigreturn", onlyWith: file),
            SystemCallSpecification("getpid", onlyWith: file),
            SystemCallSpecification(
                "tgkill", [.number(argument: 0, Core.process)], onlyWith: file),
            SystemCallSpecification("futex", onlyWith: file),
        ])
}
