import CLinux
import Foundation
import TestSupport
import Testing

@testable import BootSupport

#if arch(x86_64)
    /// Reading the clock is a system call where the kernel has no vDSO for it, which a debugger hides
    /// from the tender here.
    @Suite("Clocks without a vDSO", .boots, .needs(Host.missing("gdb"))) struct ClockTests {
        /// The auxiliary vector lies behind the arguments and the environment, which end with a zero
        /// each. AT_SYSINFO_EHDR (33) becomes AT_IGNORE (1).
        private static let hidingVDSO = """
            set confirm off
            starti
            set $p = (long)$sp + 8 * (*(long*)$sp + 2)
            while *(long*)$p != 0
            set $p = $p + 8
            end
            set $p = $p + 8
            while *(long*)$p != 33
            set $p = $p + 16
            end
            set {long}$p = 1

            """

        /// The first KVM_RUN is behind the filter; what reads the clock after that is the module. Signal
        /// 34, or 35 with musl, is how Hermit guests' vCPUs are interrupted.
        private static let catching = """
            handle SIG34 SIG35 nostop noprint pass
            catch syscall ioctl
            condition 1 $rsi == 0xae80
            continue
            delete
            catch syscall clock_gettime
            continue
            printf "clock=%ld\\n", $rdi
            delete
            continue

            """

        @Test("walltime reads the real time", arguments: Flavour.built)
        func walltime(flavour: Flavour) throws {
            try expect(clock: 0, flavour, [Host.guest("time"), "sleep=1000"])
        }

        @Test("poll reads the monotonic clock", arguments: Flavour.built)
        func poll(flavour: Flavour) throws {
            let (near, far) = try Descriptor.socketPair(SOCK_SEQPACKET)
            try far.write([UInt8](repeating: 0xFF, count: 60))
            try expect(
                clock: 1, flavour, ["--net:service=@9", Host.guest("net-poll"), "count=1"],
                inherited: [9: near.number])
        }

        @Test("uhyve reads the monotonic clock", arguments: Flavour.built)
        func uhyve(flavour: Flavour) throws {
            // The debugger may miss how several threads end. Statistics come after the clocks were read.
            try expect(
                clock: 1, flavour, ["--stats", Host.guest("hermit/hello-v3")], end: "\ncpu 0: ")
        }

        private func expect(
            clock: Int, _ flavour: Flavour, _ words: [String], inherited: [Int32: Int32] = [:],
            end: String = "exited normally", at location: SourceLocation = #_sourceLocation
        ) throws {
            let directory = try TemporaryDirectory()
            let script = try directory.write(
                Array((Self.hidingVDSO + Self.catching).utf8), to: "script")
            let gdb = ["gdb", "-batch", "-nx", "-x", script, "--args", flavour.path, "run"]
            let outcome = try Shell.start(
                "ulimit -c 0; exec \(Shell.quoted(gdb + words)) 2>&1", inherited: inherited
            ).wait()
            let output = outcome.output
            #expect(output.contains("clock=\(clock)\n"), "\(output)", sourceLocation: location)
            #expect(output.contains("\nSUCCESS\n"), "\(output)", sourceLocation: location)
            #expect(output.contains(end), "\(output)", sourceLocation: location)
        }
    }
#endif
