import CLinux
import HVT
import Rules
import Tender

/// The manifest of module Trace: its options, command, roles and system calls.
public enum TraceManifest {
    /// Bound if `--trace` or `--stats` is given.
    public static let timing: Role = "a trace or statistics"
    /// The trace file, kept open for its lock.
    public static let file: Role = "the trace"
    public static let size: Role = "the size of the trace"

    public static let trace = OptionSpecification(
        name: "trace", valueName: "FILE", help: "record all that the guest calls in FILE",
        isNativeOnly: true)
    public static let traceSize = OptionSpecification(
        name: "trace-size", valueName: "MIB",
        help: "room for that, 1 to 1024, 64 by default; then the oldest records go",
        isNativeOnly: true)
    public static let stats = OptionSpecification(
        name: "stats", help: "Solo5 guests: tell hypercalls, bytes and times at the end",
        isNativeOnly: true, guests: HVTKind.name)

    /// The name of the command that shows traces.
    public static let command = "trace"

    public static let known = KnownModule(
        name: "trace", trait: "Trace", guests: nil, options: [trace, traceSize, stats],
        commands: [command])

    public static let manifest = ModuleManifest(
        known, summary: "records what a guest calls",
        systemCalls: [
            // Only if the vDSO can't read the clock without a system call.
            SystemCallSpecification(
                "clock_gettime", [.equals(argument: 0, 1, name: "CLOCK_MONOTONIC")],
                onlyWith: timing),
            // Only if the file loses its blocks: anonymous memory replaces it, and the guest runs
            // on.
            SystemCallSpecification(
                "mmap",
                [
                    .number(argument: 1, size),
                    .equals(
                        argument: 2, UInt64(PROT_READ | PROT_WRITE), name: "PROT_READ | PROT_WRITE"),
                    .equals(
                        argument: 3, UInt64(MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS),
                        name: "MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS"),
                ]),
            SystemCallSpecification("rt_sigreturn", onlyWith: file),
        ])
}
