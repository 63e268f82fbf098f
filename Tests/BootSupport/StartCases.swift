/// Who may start a tender, and what it then is.
extension ScriptCase {
    static let starts = [lockedIn, anotherUser, openedByRoot, filesOfAnotherUser]

    /// `start TEXT COMMAND…` starts a tender in the background, and waits until its guest has printed
    /// TEXT.
    private static let definitions = """
        start() {
            text=$1
            shift
            : >console
            "$@" >console 2>err 3</dev/zero 9</dev/zero &
            id=$! count=0
            until grep -q "$text" console || [ $count = 600 ]; do
                sleep 0.05
                count=$((count + 1))
            done
        }
        stop() {
            kill -9 $id
            wait
            cat err
        }

        """

    private static let lockedIn = ScriptCase(
        "Every thread is locked in, and nothing is open that was not asked for",
        guests: ["idle", "hermit/hostile-v3"],
        output: [String](
            repeatElement(
                [
                    "enough threads", "CapAmb: 0000000000000000",
                    "CapEff: 0000000000000000", "CapInh: 0000000000000000",
                    "CapPrm: 0000000000000000", "NoNewPrivs: 1", "Seccomp: 2", "core files: 0 0",
                    "open: 0",
                ], count: 2
            ).joined()),
        script: definitions
            + """
            # look COUNT: this many threads at least, for KVM may add some of its own.
            look() {
                [ $(ls /proc/$id/task | wc -l) -ge $1 ] && echo enough threads
                cat /proc/$id/task/*/status | grep -E '^(Cap(Amb|Eff|Inh|Prm)|NoNewPrivs|Seccomp):' |
                    tr '\\t' ' ' | sort -u
                sed -n 's/^Max core file size *\\([0-9]*\\) *\\([0-9]*\\) .*/core files: \\1 \\2/p' \
                    /proc/$id/limits
                echo "open: $(($(ls -l /proc/$id/fd | grep -c /dev/zero)))"
            }
            start idle "$PINNACE" run "$GUESTS"/idle.hvt
            look 1
            stop
            start sleeping "$PINNACE" run --cpus=2 "$GUESTS"/hermit/hostile-v3 sleep
            look 3
            stop
            """)

    private static let anotherUser = ScriptCase(
        "Another user's", guests: ["idle"],
        output: [
            "Uid: 65534 65534 65534 65534", "Gid: 65533 65533 65533 65533", "Groups:",
            "Uid: 65534 65534 65534 65534", "Gid: 65534 65534 65534 65534", "Groups:",
        ],
        script: definitions
            + """
            # The group is the user's own, if it is not given.
            for user in 65534:65533 65534; do
                start idle "$PINNACE" run --user=$user "$GUESTS"/idle.hvt
                grep -E '^(Uid|Gid|Groups):' /proc/$id/status | tr '\\t' ' ' | sed 's/ *$//'
                stop
            done
            """)

    private static let openedByRoot = ScriptCase(
        "Another user may have what root has opened", guests: ["block"],
        output: ["SUCCESS", "0"],
        script: """
            truncate -s 1M disk
            chmod 600 disk
            "$PINNACE" run --user=65534 --block:storage=disk "$GUESTS"/block.hvt >out 2>err
            status=$?
            tail -n 1 out
            cat err
            echo $status
            """)

    private static let filesOfAnotherUser = ScriptCase(
        "Another user's Hermit guest, and its files", guests: ["hermit/files-v3"],
        output: [
            "case create", "SUCCESS", "status 0", "case elsewhere", "SUCCESS", "status 0",
            "65534 65534", "left: 0",
        ],
        script: """
            mkdir temporary mapped
            # As /tmp is.
            chmod 755 .
            chmod 1777 temporary
            chown 65534:65534 mapped
            for argument in create elsewhere; do
                "$PINNACE" run --user=65534 --file-mapping=mapped:/root \
                    --temporary-directory=temporary "$GUESTS"/hermit/files-v3 $argument 2>&1
                echo "status $?"
            done
            stat -c '%u %g' mapped/created
            echo "left: $(($(ls temporary | wc -l)))"
            """)
}
