import Foundation
import TestSupport
import Testing

@testable import BootSupport

#if arch(x86_64)
    /// A tender that a debugger takes over while its guest sleeps.
    struct Hijack {
        private let child: ChildProcess
        private let thread: Thread

        enum Thread: String, CaseIterable, Sendable {
            /// The first thread.
            case main
            /// The one that runs a Hermit guest's vCPU, or does a debugger's work.
            case second
        }

        /// - Parameters:
        ///   - options: of the launch.
        ///   - thread: which is taken over; nil for an hvt guest's tender, which has only one.
        init(_ flavour: Flavour, _ thread: Thread? = nil, options: [String] = []) throws {
            let guest = thread == nil ? "idle" : "hermit/hostile-v3"
            child = try flavour.start(guest, thread == nil ? [] : ["sleep"], options: options)
            self.thread = thread ?? .main
            try #require(try child.waitForOutput(thread == nil ? "idle" : "sleeping"))
            try child.waitForFilter()
            // In clock_nanosleep; or in ppoll, while the vCPU's thread is in KVM_RUN.
            try child.waitForSystemCalls(thread == nil ? [230] : [271, 16])
        }

        /// The tender of an hvt guest, with the modules that look into guests.
        init(debug flavour: Flavour, options: [String]) throws {
            child = try flavour.startDebug("idle", options: options)
            thread = .main
            try #require(try child.waitForOutput("idle"))
            try child.waitForFilter()
            try child.waitForSystemCalls([230])
        }

        /// Has it make a system call.
        ///
        /// - Parameters:
        ///   - setup: commands for the debugger, which come first.
        ///   - stays: whether the debugger looks at the result; else it lets the tender go on.
        /// - Returns: what the debugger said, and how the tender ended: by SIGKILL, if the debugger
        ///   found it alive after the call.
        func make(
            _ attempt: Attempt, setup: [String] = [], stays: Bool = true
        ) throws -> (output: String, outcome: ChildProcess.Outcome) {
            let registers = ["rdi", "rsi", "rdx", "r10", "r8", "r9"]
            var commands =
                [
                    "set confirm off", "set scheduler-locking on",
                    "thread \(thread == .main ? 1 : 2)", "set $orig_rax = -1",
                ] + setup
            for (index, register) in registers.enumerated() {
                var value = index < attempt.arguments.count ? attempt.arguments[index] : "0"
                // What is open at a path.
                if value.hasPrefix("/") {
                    value = "\(child.descriptors.first { $0.value == value }?.key ?? -1)"
                }
                commands.append("set $\(register) = \(value)")
            }
            // It waits behind the two bytes of the instruction that makes system calls.
            commands += ["set $rax = \(attempt.number)", "set $rip = $rip - 2", "x/i $rip"]
            commands +=
                stays
                ? ["stepi", "printf \"result=%ld\\n\", $rax", "kill"]
                : ["handle SIGSYS nostop noprint pass", "continue"]
            let output = try Shell.run(
                "ulimit -c 0; gdb -batch -nx -p \(child.id) "
                    + commands.map { "-ex \(Shell.quoted($0))" }.joined(separator: " ") + " 2>&1"
            ).output
            // Or what follows would be no system call at all.
            try #require(output.contains("syscall"), "\(output)")
            return (output, try child.wait())
        }
    }
#endif
