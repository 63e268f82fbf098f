import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// The network without privileges: passt, as Debian has it.
@Suite("passt", .boots, .needs(Host.missing("passt"))) struct PasstTests {
    private static let addresses = "address=10.0.2.15/24,gateway=10.0.2.2"

    /// Prints what a server on port 8080 says.
    private static let request =
        "exec 3<>/dev/tcp/127.0.0.1/8080; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3"

    /// A namespace with an interface and a route, as hosts have.
    private func host() throws -> Namespace {
        let namespace = try Namespace()
        try namespace.run("ip link set lo up; ip route add default via 10.0.0.254 dev tap0")
        return namespace
    }

    private func option(_ ports: String) -> String {
        "--net:service=passt,\(Self.addresses),\(ports)"
    }

    @Test(
        "A connection to a port of the host reaches the guest's", .usesTaps,
        arguments: Flavour.built)
    func forwardsTCP(flavour: Flavour) throws {
        let host = try host()
        let guest = try host.start(
            flavour, "http", ["10.0.2.15", "count=2"], options: [option("tcp=8080:80")])
        #expect(try guest.waitForOutput("serving"))
        for _ in 0..<2 {
            let answer = try host.run("timeout 60 bash -c \(Shell.quoted(Self.request))")
            #expect(answer.hasPrefix("HTTP/1.0 200 OK\r\n"))
            #expect(answer.hasSuffix("\r\n\r\nHello from a guest.\n"))
        }
        let outcome = try guest.wait()
        #expect(outcome.status == 0)
        #expect(outcome.output == "serving\nrequests=yes\nSUCCESS\n")
    }

    @Test("Datagrams to a port of the host come back", .usesTaps, arguments: Flavour.built)
    func forwardsUDP(flavour: Flavour) throws {
        let host = try host()
        let guest = try host.start(
            flavour, "http", ["10.0.2.15"], options: [option("udp=7000-7001:7-8,mtu=9000")])
        #expect(try guest.waitForOutput("serving"))
        let script = "exec 3<>/dev/udp/127.0.0.1/7001; printf pinnace >&3; head -c 7 <&3"
        #expect(try host.run("timeout 60 bash -c \(Shell.quoted(script))") == "pinnace")
    }

    /// With a /dev/kvm that is anybody's, in a mount namespace of the test's own.
    @Test(
        "An ordinary user needs nothing more", .usesTaps, .needs(Host.needsRoot),
        .needs(Host.missing("setpriv")), arguments: Flavour.built)
    func withoutPrivileges(flavour: Flavour) throws {
        let host = try host()
        let directory = try TemporaryDirectory()
        try attempt { chmod(directory.path, 0o755) }
        // Where the binary and the guest are may be root's alone.
        let script = """
            cp \(flavour.path) \(directory.path)/pinnace
            cp \(Host.guest("http")) \(directory.path)/http.hvt
            chmod 755 \(directory.path)/*
            mknod -m 666 \(directory.path)/kvm c 10 232
            mount --bind \(directory.path)/kvm /dev/kvm
            exec setpriv --reuid 1234 --regid 1234 --clear-groups --inh-caps=-all \
            --bounding-set=-all \(directory.path)/pinnace run \
            \(option("tcp=8080:80")) \(directory.path)/http.hvt 10.0.2.15 count=1
            """
        let guest = try Shell.start(
            "exec \(host.command(["unshare", "--mount", "sh", "-ec", script]))")
        #expect(try guest.waitForOutput("serving"), "\(guest.errorSoFar)")
        let answer = try host.run("timeout 60 bash -c \(Shell.quoted(Self.request))")
        #expect(answer.hasSuffix("Hello from a guest.\n"))
        #expect(try guest.wait().status == 0)
    }

    @Test(
        "passt ends with the tender, whatever ends that", .usesTaps, arguments: Flavour.built,
        [SIGKILL, SIGTERM])
    func endsWithTheTender(flavour: Flavour, signal: Int32) throws {
        let host = try host()
        let guest = try host.start(
            flavour, "http", ["10.0.2.15"], options: [option("tcp=8080:80")])
        #expect(try guest.waitForOutput("serving"))
        #expect(try isListening(host))
        try guest.send(signal: signal)
        _ = try guest.wait()
        try eventually("the end of passt") { try !isListening(host) }
    }

    @Test("If passt ends, the guest's interface is down", .usesTaps, arguments: Flavour.built)
    func passtEnds(flavour: Flavour) throws {
        let host = try host()
        let guest = try host.start(
            flavour, "http", ["10.0.2.15"], options: [option("tcp=8080:80")])
        #expect(try guest.waitForOutput("serving"))
        let process = try #require(
            try host.run("ss --no-header -ltnp sport = :8080").firstMatch(of: #/pid=([0-9]+)/#))
        try attempt { kill(pid_t(process.1) ?? 0, SIGKILL) }
        #expect(try guest.waitForOutput("the guest's interface is down from now on\n"))
        try guest.send(signal: SIGTERM)
        let outcome = try guest.wait()
        #expect(outcome.status == 1)
        #expect(
            outcome.error
                == "pinnace: \(option("tcp=8080:80")): it has closed the connection: the guest's "
                + "interface is down from now on\npinnace: Exiting on signal 15\n")
    }

    @Test(
        "A port that is taken is told at the launch, and by check", .usesTaps,
        arguments: Flavour.built, ["run", "check"])
    func portTaken(flavour: Flavour, command: String) throws {
        let host = try host()
        let guest = try host.start(
            flavour, "http", ["10.0.2.15"], options: [option("tcp=8080:80")])
        #expect(try guest.waitForOutput("serving"))
        let words = [
            flavour.path, command, option("tcp=8080:81"), Host.guest("http"), "10.0.2.15",
        ]
        let outcome = try Shell.run("exec \(host.command(words))")
        #expect(outcome.status == 1)
        #expect((outcome.output + outcome.error).contains("passt has ended with status 1: "))
        #expect((outcome.output + outcome.error).contains("8080"))
    }

    @Test("check starts it, and leaves none", .usesTaps, arguments: Flavour.built)
    func check(flavour: Flavour) throws {
        let host = try host()
        let words = [
            flavour.path, "check", option("tcp=8080:80"), Host.guest("http"), "10.0.2.15",
        ]
        let outcome = try Shell.run("exec \(host.command(words))")
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.error)")
        try eventually("the end of passt") { try !isListening(host) }
    }

    @Test("Hermit: passt is started, and ends with the tender", .usesTaps, arguments: Flavour.built)
    func hermit(flavour: Flavour) throws {
        let host = try host()
        let guest = try host.start(
            flavour, "hermit/net-echo-v3", ["10.0.2.15"],
            options: ["--net=passt,\(Self.addresses),tcp=8080:80"])
        #expect(try guest.waitForOutput("serving"))
        #expect(try isListening(host))
        try guest.send(signal: SIGKILL)
        _ = try guest.wait()
        try eventually("the end of passt") { try !isListening(host) }
    }

    private func isListening(_ host: Namespace) throws -> Bool {
        try !host.run("ss --no-header -ltn sport = :8080").isEmpty
    }
}

/// Where there is no passt.
@Suite("passt that is missing", .boots) struct MissingPasstTests {
    @Test("It is told, with what to do", arguments: Flavour.built, ["run", "check"])
    func missing(flavour: Flavour, command: String) throws {
        let outcome = try ChildProcess.run(
            flavour.path,
            [command, "--net:service=passt,tcp=8080:80", Host.guest("http"), "10.0.2.15"],
            environment: ["PATH": "/nowhere"])
        #expect(outcome.status == 1)
        let said = outcome.output + outcome.error
        #expect(said.contains("Could not attach interface: passt,tcp=8080:80: No such file"))
        #expect(said.contains("apt install passt"))
    }

    /// What it says when it fails is in the tender's one line.
    @Test("What it says is passed on", arguments: Flavour.built)
    func failure(flavour: Flavour) throws {
        let directory = try TemporaryDirectory()
        let script =
            "#!/bin/sh\necho \"Failed to send 5 bytes to syslog\n$1 $2\nno $6\" >&2; exit 3\n"
        let path = try directory.write(Array(script.utf8), to: "passt")
        try attempt { chmod(path, 0o755) }
        let outcome = try ChildProcess.run(
            flavour.path, ["run", "--net:service=passt", Host.guest("http"), "10.0.2.15"],
            environment: ["PATH": directory.path])
        #expect(outcome.status == 1)
        #expect(
            outcome.error
                == "pinnace: option --net:service=passt: Could not attach interface: passt: "
                + "passt has ended with status 3: --quiet --one-off; no 3\n")
    }

    @Test("A sub-option that there is not", arguments: Flavour.built)
    func refused(flavour: Flavour) throws {
        let outcome = try flavour.run(
            "http", ["10.0.2.15"], options: ["--net:service=passt,tcp=abc"])
        #expect(outcome.status == 1)
        #expect(outcome.error.contains("malformed sub-option: tcp=abc"))
    }
}
