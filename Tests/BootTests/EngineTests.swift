import Foundation
import TestSupport
import Testing

/// Guests as containers, run by the engines that people have, locked down as far as those go.
@Suite("Container engines", .boots, .needs(Flavour.release.lack)) struct EngineTests {
    private static func obstacle(_ programs: [String]) -> String? {
        Host.needsRoot ?? programs.compactMap { Host.missing($0) }.first
    }

    @Test("podman and runc", .needs(Self.obstacle(["podman", "runc"])))
    func podman() throws {
        let directory = try TemporaryDirectory()
        try Self.writeImages(["hello", "exit", "idle"], into: directory)
        // podman wants a short path.
        let outcome = try run(
            """
            runroot=$(mktemp -d /tmp/podman-XXXXXX)
            trap 'rm -rf $runroot' EXIT
            podman() {
                command podman --root $WORK/root --runroot $runroot --storage-driver vfs \\
                    --cgroup-manager=cgroupfs --events-backend=file --runtime runc "$@"
            }
            for image in hello exit idle; do podman load -qi $WORK/$image.tar; done
            # Limits: an engine may not raise its own, and these are what every host allows.
            options="--network none --device /dev/kvm --cap-drop=all --read-only
                --security-opt no-new-privileges --ulimit nofile=1024:1024 --ulimit nproc=1024:1024"
            podman run --rm $options localhost/hello a 'b c'
            echo "hello: $?"
            podman run --rm $options localhost/exit 7
            echo "exit: $?"
            podman run -d --name waits $options localhost/idle >/dev/null
            while [ -z "$(podman logs waits)" ]; do sleep 0.1; done
            podman stop -t 60 waits >/dev/null
            podman logs waits 2>&1
            podman inspect waits --format 'waits: {{.State.ExitCode}} {{.State.Status}}'
            podman rm waits >/dev/null
            """, in: directory)
        #expect(outcome.output.contains("\nhello: cmdline=\"a b c\"\nSUCCESS\nhello: 0\n"))
        #expect(outcome.output.contains("exit: 7\n"))
        #expect(
            outcome.output.hasSuffix(
                "idle\npinnace: Exiting on signal 15\nwaits: 1 exited\n"), "\(outcome.error)")
    }

    @Test("containerd", .needs(Self.obstacle(["containerd", "ctr", "runc"])))
    func containerd() throws {
        let directory = try TemporaryDirectory()
        try Self.writeImages(["hello", "idle"], into: directory)
        let outcome = try run(
            """
            cat > $WORK/config.toml <<END
            version = 2
            root = "$WORK/root"
            state = "$WORK/state"
            disabled_plugins = ["io.containerd.grpc.v1.cri"]
            [grpc]
              address = "$WORK/socket"
            END
            containerd -c $WORK/config.toml >$WORK/log 2>&1 &
            daemon=$!
            trap 'kill $daemon; wait $daemon' EXIT
            ctr() { command ctr --address $WORK/socket "$@"; }
            until ctr version >/dev/null 2>&1; do
                kill -0 $daemon || { cat $WORK/log >&2; exit 1; }
                sleep 0.1
            done
            for image in hello idle; do ctr image import $WORK/$image.tar >/dev/null; done
            options="--snapshotter native --device /dev/kvm --read-only --seccomp"
            ctr run --rm $options localhost/hello:latest greets
            echo "hello: $?"
            ctr run -d $options localhost/idle:latest waits
            sleep 1
            ctr task kill -s SIGTERM waits
            until ctr task ls | grep -q 'waits.*STOPPED'; do sleep 0.1; done
            ctr task delete waits 2>&1 | grep -o 'exit code [0-9]*'
            ctr container rm waits
            """, in: directory)
        // The second guest's console may be told of in between.
        #expect(
            outcome.output.contains("\nSUCCESS\nhello: 0\n")
                && outcome.output.hasSuffix("\nexit code 1\n"),
            "\(outcome.output)\(outcome.error)")
    }

    @Test("The same image from the same guest; what can't be one is refused")
    func images() throws {
        let directory = try TemporaryDirectory()
        try Self.writeImages(["hello"], into: directory)
        let first = try Data(contentsOf: URL(fileURLWithPath: directory.path("hello.tar")))
        try Self.writeImages(["hello"], into: directory)
        let second = try Data(contentsOf: URL(fileURLWithPath: directory.path("hello.tar")))
        #expect(first == second)
        let tender = try Data(contentsOf: URL(fileURLWithPath: Flavour.release.path))
        let guest = try Data(contentsOf: URL(fileURLWithPath: Host.guest("hello")))
        #expect(first.count < tender.count + guest.count + 32768)

        let absent = try ChildProcess.run(
            Self.script, [Flavour.release.path, "absent.hvt", directory.path("absent.tar")])
        #expect(absent.status == 1)
        #expect(absent.error == "container: absent.hvt: no such file\n")
        let odd = try ChildProcess.run(
            Self.script,
            [Flavour.release.path, Host.guest("hello"), directory.path("odd.tar"), "--name=a\nb"])
        #expect(odd.status == 1)
        #expect(!FileManager.default.fileExists(atPath: directory.path("odd.tar")))
    }

    private static let script =
        Host.setting("PINNACE_PACKAGE", otherwise: ".") + "/Sources/pinnace/Packaging/container"

    private static func writeImages(_ guests: [String], into directory: TemporaryDirectory) throws {
        for guest in guests {
            let outcome = try ChildProcess.run(
                script,
                [
                    Flavour.release.path, Host.guest(guest), directory.path("\(guest).tar"),
                    "--mem=16", "--sandbox=strict",
                ])
            try #require(outcome.status == 0, "\(outcome.error)")
        }
    }

    private func run(
        _ script: String, in directory: TemporaryDirectory
    ) throws -> ChildProcess.Outcome {
        try Shell.run(script, environment: ["WORK": directory.path], timeout: 300)
    }
}
