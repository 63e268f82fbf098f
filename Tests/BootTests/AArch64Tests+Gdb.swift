import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// Guests under a real gdb that runs there, always in the sandbox.
extension AArch64Tests {
    /// Whether gdb is there takes a start of the machine to find out.
    private static let gdbObstacle: String? =
        debugObstacle
        ?? {
            let found = try? Shell.run(
                "exec \(machine.runner) -- sh -c 'command -v gdb'", timeout: 300)
            return found?.status == 0 ? nil : "the machine of that kind has no gdb"
        }()

    /// What gdb is told to do with a guest, and what must come of it.
    private struct Session {
        let guest: String
        let argument: String
        /// Each line of dashes ends one gdb, and begins another one.
        let commands: [String]
        /// Whether gdb gets Ctrl-C once the guest has said that it spins or waits.
        var isInterrupted = false
        var status: Int32 = 0
        let output: String
        /// Regular expressions.
        let told: [String]
    }

    @Test("Debugger", .needs(Self.gdbObstacle))
    func debugger() throws {
        let sessions = [
            stops, watchpoints, registers, interruption, hypercall, fault, reconnection,
        ]
        let payload = try Self.machine.debugPayload(
            Self.gdbScript, guests: sessions.map { $0.guest })
        for (number, session) in sessions.enumerated() {
            let parts = session.commands.split(separator: "----")
            for (part, commands) in parts.enumerated() {
                let lines =
                    ["set width 0", "set remotetimeout 60", "target remote socket"] + commands
                try payload.write(
                    Array((lines.joined(separator: "\n") + "\n").utf8), to: "\(number).\(part)")
            }
            let words = [session.guest, session.argument, session.isInterrupted ? "1" : ""]
            try payload.write(Array(words.joined(separator: "|").utf8), to: "\(number).session")
        }
        let outcome = try Self.machine.run(payload)
        var report = Report(outcome.out)
        for session in sessions {
            let result = report.next(texts: 3)
            let (status, texts) = try #require(result, "\(outcome.error)")
            let words = texts.map { String(decoding: $0, as: UTF8.self) }
            let (output, error, gdb) = (words[0], words[1], words[2])
            #expect(status == session.status, "\(session.argument): \(error)\(gdb)")
            #expect(output == session.output, "\(session.argument): \(error)\(gdb)")
            let missing = try session.told.filter { try !gdb.contains(Regex($0)) }
            #expect(missing.isEmpty, "\(session.argument): \(error)\(gdb)")
        }
    }

    private var stops: Session {
        Session(
            guest: "debug", argument: "count",
            commands: [
                "break add", "continue", "backtrace 6", "finish", "next", "set $before = $pc",
                "stepi",
                "print (long) $pc - (long) $before", "delete", "set variable step = 100",
                "print step", "hbreak success",
                "continue", "backtrace 2", "continue",
            ],
            output: "case count\ntotal 901\nSUCCESS\n",
            told: [
                #"Breakpoint 1, add \(left=0, right=1\) at .*debug\.c:[0-9]+"#,
                #"#1 .* in run_count \(rounds=10\) at .*debug\.c"#,
                #"#3 .* in guest_main \(cmdline=.* "count"\)"#,
                #"Value returned is \$1 = 1\n"#,
                // One instruction of four bytes.
                #"\$2 = 4\n"#, #"\$3 = 100\n"#, #"Breakpoint 2, .* in success \(\)"#,
                #"exited normally"#,
            ])
    }

    private var watchpoints: Session {
        Session(
            guest: "debug", argument: "ring3",
            commands: [
                "break run_ring3", "continue", "watch watched", "continue", "continue", "delete",
                "rwatch watched", "continue", "delete", "break *&computed", "continue",
                "print $x20", "print $d5.u", "print watched", "detach",
            ],
            output: "case ring3\nwatched 48\nSUCCESS\n",
            told: [
                #"Hardware watchpoint 2: watched"#, #"Old value = 0\nNew value = 16\n"#,
                #"Old value = 16\nNew value = 32\n"#,
                #"Hardware read watchpoint 3: watched\n+Value = 48"#,
                #"\$1 = 48\n"#, #"\$2 = 48\n"#, #"\$3 = 48\n"#,
            ])
    }

    private var registers: Session {
        Session(
            guest: "debug", argument: "ring3",
            commands: [
                "set $x20 = 0x1212121212121212", "set $x30 = 15", "set $v5.d.u[1] = 0x77",
                "set $v31.s.f[0] = 1.5", "set $cpsr = $cpsr | 0x20000000", "set $fpsr = 1",
                "set $fpcr = 0x3000000", "set variable *(int *) $sp = 0x12345",
                "maintenance flush register-cache", "print/x $x20", "print $x30",
                "print/x $v5.d.u[1]", "print $v31.s.f[0]", "print/x $cpsr", "print/x $fpsr",
                "print/x $fpcr", "print/x $sctlr", "print/x $ttbr0", "print $pc", "x/wx $sp",
                "kill",
            ],
            status: 1, output: "",
            told: [
                #"\$1 = 0x1212121212121212\n"#, #"\$2 = 15\n"#, #"\$3 = 0x77\n"#, #"\$4 = 1\.5\n"#,
                #"\$5 = 0x200003c5\n"#, #"\$6 = 0x1\n"#, #"\$7 = 0x3000000\n"#, #"\$8 = 0x1005\n"#,
                #"\$9 = 0x1000\n"#, #"\$10 = .* <guest_start>\n"#, #"0xfffff0:\t0x00012345\n"#,
            ])
    }

    private var interruption: Session {
        Session(
            guest: "debug", argument: "spin",
            commands: [
                "continue", "backtrace 5", "print spins > 0", "set variable step = 0", "continue",
            ],
            isInterrupted: true, output: "case spin\nspinning\nSUCCESS\n",
            told: [
                #"Program received signal SIGINT"#, #"run_spin \(argument=0\)"#,
                #"in guest_main \("#,
                #"\$1 = 1\n"#, #"exited normally"#,
            ])
    }

    private var hypercall: Session {
        Session(
            guest: "debug", argument: "wait",
            commands: [
                "continue", "info threads", "backtrace 8", "monitor exits", "monitor regs", "kill",
            ],
            isInterrupted: true, status: 1, output: "case wait\nwaiting\n",
            told: [
                #"Thread 1 \(vCPU 0, in a hypercall\)"#, #"in run_wait"#, #"POLL +1\n"#,
                #" pc [0-9a-f]{16}"#, #"killed"#,
            ])
    }

    private var fault: Session {
        Session(
            guest: "debug", argument: "crash",
            commands: ["continue", "backtrace 5", "print/x $far", "continue"],
            status: 1, output: "case crash\n",
            told: [
                #"Program received signal SIGSEGV"#,
                #"in run_crash \(address=481036337152\) at .*debug\.c"#,
                #"\$1 = 0x7000000000\n"#, #"Program terminated with signal SIGSEGV"#,
            ])
    }

    /// Detached, lost, and connected again.
    private var reconnection: Session {
        Session(
            guest: "debug", argument: "spin",
            commands: [
                "break run_spin", "continue", "detach", "----", "backtrace 5", "print step",
                "disconnect", "----", "set variable step = 0", "continue",
            ],
            output: "case spin\nspinning\nSUCCESS\n",
            told: [
                #"Breakpoint 1, run_spin \(argument=0\)"#, #"detached\]"#, #"in guest_main \("#,
                #"\$1 = 1\n"#, #"exited normally"#,
            ])
    }

    private static let gdbScript = #"""
        debug() {
            number=$1 guest=$2 argument=$3 interrupted=$4
            rm -f socket
            ./pinnace run --mem=16 --gdb=unix:socket guests/$guest.hvt $argument >out 2>err &
            tender=$!
            until grep -q Waiting err; do sleep 0.1; done
            : >told
            part=0
            while [ -e $number.$part ]; do
                if [ "$interrupted" ]; then
                    # Once it is in the loop, or in the call. In the background it would be deaf to this.
                    (until grep -q ing$ out; do sleep 0.1; done; sleep 1; kill -INT $(pidof gdb)) &
                fi
                timeout -s KILL 60 gdb -nx -batch -iex 'set python print-stack none' \
                    -iex 'set confirm off' -x $number.$part guests/$guest.hvt >>told 2>&1
                part=$((part + 1))
            done
            # One that no gdb has ended would stay for ever.
            (sleep 30; kill -KILL $tender) >/dev/null 2>&1 &
            killer=$!
            wait $tender
            status=$?
            kill $killer
            echo $status $(wc -c <out) $(wc -c <err) $(wc -c <told)
            cat out err told
        }
        number=0
        while [ -e $number.session ]; do
            IFS='|' read -r guest argument interrupted <$number.session || :
            debug $number "$guest" "$argument" "$interrupted"
            number=$((number + 1))
        done

        """#
}
