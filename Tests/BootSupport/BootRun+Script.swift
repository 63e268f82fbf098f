/// A run as a shell script, in the shell's common subset, for any machine.
///
/// Environment: PINNACE is the tender, GUESTS the directory of guests, WORK an empty directory.
extension BootRun {
    var script: String {
        let taps = (0..<bootCase.taps).map { "tap \($0)" }
        return
            ([Self.definitions, #"cd "$WORK""#] + taps + bootCase.preparation + linking
            + (bootCase.listed.isEmpty
                ? bootCase.stopAfter.map { stopping(after: $0) } ?? running : listing)
            + bootCase.afterwards
            + (0..<bootCase.taps).map { "untap \($0)" } + ["exit $status"])
            .joined(separator: "\n")
    }

    /// Shell functions to make tap `$1` and to delete it, where BusyBox does if there is no iproute2,
    /// and for traffic.
    static let definitions = """
        tap() {
            ip tuntap add dev tap$1 mode tap 2>/dev/null || tunctl -t tap$1 >/dev/null
            # It would send frames of its own.
            echo 1 >/proc/sys/net/ipv6/conf/tap$1/disable_ipv6
            ip addr add 10.0.$1.1/24 dev tap$1
            ip link set tap$1 up
        }
        untap() {
            ip tuntap del dev tap$1 mode tap 2>/dev/null || tunctl -d tap$1 >/dev/null
        }
        # Waits until the guest has said $1, or has ended.
        said() {
            until grep -q "$1" console || [ -e ended ]; do sleep 0.1; done
        }
        # Requests to a guest that serves, until three were answered. Sent before it is there they would
        # come back as errors, which count as well.
        pings() {
            said serving
            ping -c 3 -i 0.2 -w 20 "$@"
        }
        # Frames to $1 that need no answer, from when the guest has said $2 until it has ended.
        broadcasts() {
            said "$2"
            until [ -e ended ]; do ping -b -c 5 -i 0.2 -w 1 $1; done
            true
        }
        """

    private var linking: [String] {
        invocation.isLink ? [#"ln -s "$PINNACE" \#(invocation.program)"#] : []
    }

    /// Time is no part of any expectation, but no case may hang for ever.
    private var command: String { "\(commandWithoutArguments) \(Shell.quoted(bootCase.arguments))" }

    private var commandWithoutArguments: String {
        let program =
            switch invocation {
            case .native: #""$PINNACE" run"#
            case .link, .uhyveLink: "./\(invocation.program)"
            case .option, .uhyveOption: #""$PINNACE" --as \#(invocation.program)"#
            }
        let guest = bootCase.guest.map {
            Host.isPath($0) ? Shell.quoted($0) : "\"$GUESTS\"/\(Host.fileName(ofGuest: $0))"
        }
        return "timeout -s KILL 60 \(program) \(Shell.quoted(bootCase.options)) \(guest ?? "")"
    }

    private var running: [String] {
        guard let meanwhile = bootCase.meanwhile else { return [command, "status=$?"] }
        return [
            ": >console", "{ \(meanwhile); } >meanwhile 2>&1 &",
            "\(command) >console", "status=$?", ": >ended",
            "wait $! || cat meanwhile >&2",
            "cat console",
        ]
    }

    private var listing: [String] {
        let outcomes = bootCase.listed.joined(separator: #"\|"#)
        return [
            #"\#(commandWithoutArguments) | sed -n 's/^\(\#(outcomes)\): //p' >listed"#,
            "while read -r words; do",
            // A case's name is one or several arguments.
            "    \(commandWithoutArguments) $words </dev/null >out 2>err",
            #"    echo "$words: status $?"; tail -n 1 out; cat err"#,
            "done <listed",
            "status=0",
        ]
    }

    private func stopping(after text: String) -> [String] {
        [
            ": >console",
            "\(command) >console &",
            "until grep -q \(Shell.quoted(text)) console || ! kill -0 $! 2>/dev/null; do",
            "    sleep 0.1",
            "done",
            "kill -TERM $! 2>/dev/null",
            "wait $!", "status=$?",
            "cat console",
        ]
    }
}
