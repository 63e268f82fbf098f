import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// Guests as containers, run by the engines that people have, locked down as far as those go.
@Suite("Container engines", .boots, .needs(Flavour.release.lack)) struct EngineTests {
    private static func obstacle(_ programs: [String]) -> String? {
        Host.needsRoot ?? programs.compactMap { Host.missing($0) }.first
    }

    @Test("podman and runc", .needs(Self.obstacle(["podman", "runc"])))
    func podman() throws {
        let directory = try TemporaryDirectory()
        try Self.writeImages(["hello", "exit", "idle"], into: directory)
        let outcome = try run(
            """
            \(Self.podman)
            for image in hello exit idle; do podman load -qi $WORK/$image.tar; done
            options="$options --network none"
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

    /// On the network that podman itself sets up, inside a namespace that ends with the test.
    @Test(
        "podman: a guest in its container's place in the network", .usesTaps,
        .needs(Self.obstacle(["podman", "runc", "/usr/lib/cni/bridge", "iptables"])))
    func inTheContainersPlace() throws {
        let directory = try TemporaryDirectory()
        try Self.writeImages(
            ["http"], into: directory,
            options: [
                "--net:service=wire:eth0", "--net-argument:service={address}",
                "--net-argument:service=gateway={gateway}",
            ])
        let host = try Namespace(taps: 0)
        let script = """
            \(Self.podman)
            ip link set lo up
            podman load -qi $WORK/http.tar >/dev/null
            options="$options --network podman --cap-add=NET_ADMIN --device /dev/net/tun"
            podman run -d --name site $options localhost/http count=2 >/dev/null
            serves site
            address=$(podman inspect site --format '{{.NetworkSettings.IPAddress}}')
            mac=$(podman inspect site --format '{{.NetworkSettings.MacAddress}}')
            ping -c 3 -i 0.2 -w 20 $address | grep -o '3 received'
            ip neigh show $address | grep -o "lladdr $mac" | sed "s/$mac/the container's/"
            for time in 1 2; do
                timeout 60 bash -c "exec 3<>/dev/tcp/$address/80; echo GET / HTTP/1.0 >&3
                    echo >&3; tail -n 1 <&3"
            done
            podman wait site
            podman logs site
            podman rm site >/dev/null
            """
        let outcome = try run("exec \(host.command(["bash", "-ec", script]))", in: directory)
        #expect(
            outcome.output == """
                3 received
                lladdr the container's
                Hello from a guest.
                Hello from a guest.
                0
                serving
                requests=yes
                SUCCESS

                """, "\(outcome.output)\(outcome.error)")
    }

    /// Without a network of its own, or any capability.
    @Test(
        "podman: a network by passt outside of the container", .usesTaps,
        .needs(Self.obstacle(["podman", "runc", "passt"])))
    func passtOutside() throws {
        let directory = try TemporaryDirectory()
        try Self.writeImages(
            ["http"], into: directory, options: ["--net:service=unix:/net.sock"])
        // passt becomes another user.
        try attempt { chmod(directory.path, 0o777) }
        let host = try Namespace()
        let script = """
            \(Self.podman)
            ip link set lo up
            ip route add default via 10.0.0.254 dev tap0
            podman load -qi $WORK/http.tar >/dev/null
            passt --quiet --one-off --socket $WORK/net.sock --tcp-ports 8080:80 \\
                --address 10.0.2.15 --netmask 24 --gateway 10.0.2.2 2>$WORK/passt
            chmod 666 $WORK/net.sock
            options="$options --network none --volume $WORK/net.sock:/net.sock"
            podman run -d --name site $options localhost/http 10.0.2.15 count=1 >/dev/null
            serves site
            timeout 60 bash -c "exec 3<>/dev/tcp/127.0.0.1/8080; echo GET / HTTP/1.0 >&3
                echo >&3; tail -n 1 <&3"
            podman wait site
            podman rm site >/dev/null
            """
        let outcome = try run("exec \(host.command(["bash", "-ec", script]))", in: directory)
        #expect(
            outcome.output == "Hello from a guest.\n0\n", "\(outcome.output)\(outcome.error)")
    }

    /// A short path, since podman wants one. Limits, since an engine may not raise its own, and these
    /// are what every host allows.
    private static let podman = """
        runroot=$(mktemp -d /tmp/podman-XXXXXX)
        trap 'rm -rf $runroot' EXIT
        podman() {
            command podman --root $WORK/root --runroot $runroot --storage-driver vfs \\
                --cgroup-manager=cgroupfs --events-backend=file --runtime runc "$@"
        }
        serves() {
            until podman logs $1 2>&1 | grep -q serving; do
                [ "$(podman inspect $1 --format '{{.State.Status}}')" = running ] ||
                    { podman logs $1 >&2; exit 1; }
                sleep 0.1
            done
        }
        options="--device /dev/kvm --cap-drop=all --read-only --security-opt no-new-privileges
            --ulimit nofile=1024:1024 --ulimit nproc=1024:1024"
        """

    @Test("containerd", .needs(Self.obstacle(["containerd", "ctr", "runc"])))
    func containerd() throws {
        let directory = try TemporaryDirectory()
        try Self.writeImages(["hello", "idle"], into: directory)
        let outcome = try run(
            """
            \(Self.containerd)
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

    @Test(
        "containerd: a guest in its container's place in the network", .usesTaps,
        .needs(Self.obstacle(["containerd", "ctr", "runc"])))
    func containerdNetwork() throws {
        let directory = try TemporaryDirectory()
        try Self.writeImages(
            ["net-echo"], into: directory,
            options: [
                "--net:service=wire:eth0", "--net-argument:service={address}",
                // What ctr is given would take the place of all that the image runs.
                "--net-argument:service=count=3",
            ])
        let inside = try Namespace(taps: 0)
        let outside = try Namespace(taps: 0)
        try outside.connect(to: inside, mac: "02:00:00:00:00:07")
        let ping = outside.command(["ping", "-c", "3", "-i", "0.2", "-w", "20", "10.0.7.2"])
        let outcome = try run(
            """
            \(Self.containerd)
            ctr image import $WORK/net-echo.tar >/dev/null
            options="--snapshotter native --read-only --seccomp --device /dev/kvm
                --device /dev/net/tun --cap-add CAP_NET_ADMIN --with-ns network:\(inside.file)"
            ctr run --rm $options localhost/net-echo:latest echoes >$WORK/output &
            container=$!
            until grep -q serving $WORK/output; do kill -0 $container || exit 1; sleep 0.1; done
            \(ping) | grep -o '3 received'
            wait $container
            echo $?
            cat $WORK/output
            """, in: directory)
        #expect(
            outcome.output == """
                3 received
                0
                mac=02:00:00:00:00:07 mtu=1400
                serving
                echoes=3
                SUCCESS

                """, "\(outcome.output)\(outcome.error)")
    }

    private static let containerd = """
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
        """

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

    private static func writeImages(
        _ guests: [String], into directory: TemporaryDirectory, options: [String] = []
    ) throws {
        for guest in guests {
            let outcome = try ChildProcess.run(
                script,
                [
                    Flavour.release.path, Host.guest(guest), directory.path("\(guest).tar"),
                    "--mem=16", "--sandbox=strict",
                ] + options)
            try #require(outcome.status == 0, "\(outcome.error)")
        }
    }

    private func run(
        _ script: String, in directory: TemporaryDirectory
    ) throws -> ChildProcess.Outcome {
        try Shell.run(script, environment: ["WORK": directory.path], timeout: 300)
    }
}
