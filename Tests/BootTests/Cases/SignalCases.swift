import Foundation

@testable import BootSupport

/// What signals do to a tender.
extension ScriptCase {
    static let signals = [ended, ignored, cleaned, unhandled]

    /// `ends TEXT "SIGNALS" COMMAND…` runs a tender, sends it the signals, by their numbers, when its
    /// guest has printed TEXT, and prints how it ended and what it said.
    private static let definitions = """
        ends() {
            text=$1 signals=$2
            shift 2
            : >console
            (
                count=0
                until grep -q "$text" console || [ $count = 600 ]; do
                    sleep 0.05
                    count=$((count + 1))
                done
                ls temporary 2>/dev/null | wc -l >before
                for signal in $signals; do kill -$signal $(cat id); done
            ) &
            # In the foreground, or the shell would have it ignore SIGINT and SIGQUIT.
            sh -c 'echo $$ >id; exec "$@" >console 2>err' sh "$@"
            echo "$signals: $?"
            wait
            cat err
        }

        """

    /// The status that a shell has for a child that died of a signal.
    private static func death(by number: Int32) -> String { "\(number): \(128 + number)" }

    private static let ended = ScriptCase(
        "SIGTERM ends it with status 1, SIGINT by itself",
        guests: ["idle", "poll", "hostile"],
        output: [String](
            repeatElement(
                [
                    "15: 1", "pinnace: Exiting on signal 15",
                    death(by: SIGINT), "pinnace: Exiting on signal 2",
                ], count: 3
            ).joined()),
        script: definitions
            + """
            for signal in 15 2; do ends idle $signal "$PINNACE" run "$GUESTS"/idle.hvt; done
            for signal in 15 2; do
                ends waiting $signal "$PINNACE" run "$GUESTS"/poll.hvt forever
            done
            for signal in 15 2; do
                ends 'case cli-spin' $signal "$PINNACE" run "$GUESTS"/hostile.hvt cli-spin
            done
            """)

    private static let ignored = ScriptCase(
        "SIGHUP that was ignored when it was started stays so",
        guests: ["idle", "hermit/hostile-v3"],
        output: [String](
            repeatElement(["1 15: 1", "pinnace: Exiting on signal 15"], count: 2).joined()),
        script: definitions
            + """
            trap '' HUP
            ends idle '1 15' "$PINNACE" run "$GUESTS"/idle.hvt
            ends sleeping '1 15' "$PINNACE" run "$GUESTS"/hermit/hostile-v3 sleep
            """)

    private static let endings: [Int32] = [
        SIGHUP, SIGQUIT, SIGABRT, SIGSEGV, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU,
        SIGIO, SIGPWR, SIGSTKFLT, 36, 64,
    ]

    private static let cleaned = ScriptCase(
        "Whatever signal ends a Hermit guest's tender, nothing is left behind",
        guests: ["hermit/hostile-v3"],
        output: endings.flatMap { [death(by: $0), "directories: 1, then 0"] },
        script: definitions
            + """
            mkdir temporary
            for signal in \(endings.map { "\($0)" }.joined(separator: " ")); do
                ends sleeping $signal "$PINNACE" run --temporary-directory=temporary \
                    "$GUESTS"/hermit/hostile-v3 sleep
                echo "directories: $(($(cat before))), then $(($(ls temporary | wc -l)))"
            done
            """)

    private static let untold: [Int32] = [SIGKILL, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM]

    private static let unhandled = ScriptCase(
        "Other signals do what they always do, and SIGPIPE does nothing", guests: ["idle"],
        output: untold.map(death) + ["13 15: 1", "pinnace: Exiting on signal 15"],
        script: definitions
            + """
            for signal in \(untold.map { "\($0)" }.joined(separator: " ")); do
                ends idle $signal "$PINNACE" run "$GUESTS"/idle.hvt
            done
            ends idle '13 15' "$PINNACE" run "$GUESTS"/idle.hvt
            """)
}
