import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// Who may start a tender, and under which circumstances: the sandbox holds all the same.
@Suite("How it may be started", .boots) struct StartTests {
    // MARK: Under a policy

    @Test(
        "An outer policy that refuses the sandbox's: a line says what to do",
        arguments: Flavour.built, OuterPolicy.allCases)
    func refused(flavour: Flavour, policy: OuterPolicy) throws {
        for guest in ["hello", "hermit/hello-v3"] {
            let outcome = try policy.rule { try flavour.run(guest) }
            #expect(outcome.status == 1)
            #expect(outcome.output.isEmpty)
            let error = outcome.error
            #expect(error.hasPrefix("pinnace: ") && error.split(separator: "\n").count == 1)
            #expect(error.contains("an outer seccomp policy refuses"), "\(error)")
            #expect(error.contains("--sandbox=inherited"), "\(error)")
        }
    }

    @Test(
        "An outer policy that is accepted", arguments: Flavour.built, OuterPolicy.allCases)
    func accepted(flavour: Flavour, policy: OuterPolicy) throws {
        for guest in ["hello", "hermit/hello-v3"] {
            let outcome = try policy.rule {
                try flavour.run(guest, options: ["--sandbox=inherited"])
            }
            let warning =
                policy == .refusesLandlock
                ? "pinnace: the outer seccomp policy refuses Landlock: the sandbox does without\n"
                : ""
            #expect(outcome.status == 0 && outcome.error == warning, "\(outcome.error)")
            #expect(outcome.output.hasSuffix("SUCCESS\n"))
        }
    }

    @Test("What is strict has an empty bounding set as well", arguments: Flavour.built)
    func strict(flavour: Flavour) throws {
        let child = try flavour.start("idle", options: ["--sandbox=strict"])
        #expect(try child.waitForOutput("idle"))
        #expect(child.objection(isStrict: true) == nil)
    }

    @Test("What is inherited replaces the filter, and nothing else", arguments: Flavour.built)
    func inherited(flavour: Flavour) throws {
        let objection = try OuterPolicy.refusesAll.rule {
            let child = try flavour.start("idle", options: ["--sandbox=inherited"])
            return try child.waitForOutput("idle") ? child.objection() : "it does not run"
        }
        #expect(objection == nil)
    }

    // MARK: By a user with no privileges

    private static let nobody = "65534"

    /// Why no such user can start a tender here, if none can.
    private static let nobodyObstacle: String? = {
        if let obstacle = Host.needsRoot ?? Host.missing("setpriv") { return obstacle }
        let files = Flavour.built.map { $0.path } + [Host.guest("hello")]
        let unreadable = files.first {
            let test = ["test", "-r", $0]
            return (try? Shell.run("\(setNobody) \(Shell.quoted(test))"))?.status != 0
        }
        return unreadable.map { "\($0) is not for every user to read" }
    }()

    private static let setNobody =
        "setpriv --reuid \(nobody) --regid \(nobody) --clear-groups"

    /// A command of that user's, who may open KVM and taps: by nodes of its own, in a mount namespace
    /// that ends with it.
    private static func asNobody(_ command: [String], _ directory: TemporaryDirectory) -> String {
        let script = """
            mount -t tmpfs -o mode=755 tmpfs \(directory.path)
            mknod -m 666 \(directory.path)/kvm c 10 232
            mknod -m 666 \(directory.path)/tun c 10 200
            mount --bind \(directory.path)/kvm /dev/kvm
            mount --bind \(directory.path)/tun /dev/net/tun
            exec \(setNobody) \(Shell.quoted(command))
            """
        return "unshare --mount sh -ec \(Shell.quoted(script))"
    }

    @Test(
        "A user who may do no more than open KVM and a tap", .usesTaps, .needs(Self.nobodyObstacle),
        arguments: Flavour.built)
    func unprivileged(flavour: Flavour) throws {
        let directory = try TemporaryDirectory()
        let namespace = try Namespace(taps: 0)
        try namespace.run(
            """
            ip tuntap add dev tap0 mode tap user \(Self.nobody)
            ip addr add 10.0.0.1/24 dev tap0
            ip link set tap0 up
            """)
        let command = [
            flavour.path, "run", "--net:service=tap0", Host.guest("net-echo"), "10.0.0.2",
        ]
        let entry = namespace.entry.joined(separator: " ")
        let child = try Shell.start("exec \(entry) \(Self.asNobody(command, directory))")
        #expect(try child.waitForOutput("serving"))
        #expect(child.status()["Uid"] == "65534\t65534\t65534\t65534")
        #expect(child.objection() == nil)
        #expect(try namespace.ping("10.0.0.2"))
        try child.send(signal: SIGTERM)
        let outcome = try child.wait()
        #expect(outcome.error == "pinnace: Exiting on signal 15\n")
        withExtendedLifetime(directory) {}
    }

    @Test(
        "In a user namespace", .needs(Host.userNamespaceObstacle), arguments: Flavour.built)
    func userNamespace(flavour: Flavour) throws {
        let directory = try TemporaryDirectory()
        let disk = try directory.write([UInt8](repeating: 0, count: 4096), to: "disk")
        let solo5 = [
            flavour.path, "run", "--mem=2", "--block:storage=\(disk)", "--net:service=tap0",
            Host.guest("once"),
        ]
        let hermit = [
            flavour.path, "run", "--file-mapping=\(directory.path):/root",
            Host.guest("hermit/files-v3"), "create",
        ]
        let script = """
            ip tuntap add dev tap0 mode tap
            ip link set tap0 up
            \(Shell.quoted(solo5))
            \(Shell.quoted(hermit))
            """
        let outcome = try Shell.run(
            "exec \(Host.userNamespace) sh -ec \(Shell.quoted(script))")
        #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.error)")
        #expect(outcome.output.hasSuffix("case create\nSUCCESS\n"))
        #expect(outcome.output.contains("block write result=0\n"))
        #expect(outcome.output.contains("net write result=0\n"))
        #expect(try directory.read("created") == Array("hello, file\n".utf8))

        let child = try Shell.start(
            "exec \(Host.userNamespace) \(Shell.quoted([flavour.path, "run", Host.guest("idle")]))")
        #expect(try child.waitForOutput("idle"))
        #expect(child.objection() == nil)
    }

    // MARK: With what it was not asked to use

    @Test(
        "What whoever started it left open is closed", arguments: Flavour.built,
        [("idle", "idle", [String]()), ("hermit/hostile-v3", "sleeping", ["sleep"])])
    func descriptors(flavour: Flavour, guest: (String, String, [String])) throws {
        let file = try Descriptor(opening: "/dev/zero", O_RDWR)
        let child = try ChildProcess(
            flavour.path, ["run", Host.guest(guest.0)] + guest.2,
            inherited: [3: file.number, 209: file.number, 1009: file.number])
        #expect(try child.waitForOutput(guest.1))
        let descriptors = child.descriptors
        #expect(!descriptors.isEmpty)
        // The tender's own, which come lower, have none of these numbers.
        #expect(descriptors[209] == nil && descriptors[1009] == nil)
        #expect(!descriptors.values.contains("/dev/zero"))
        #expect(child.objection() == nil)
    }

    // MARK: As somebody else

    @Test(
        "What is the same on any machine", .needs(Host.needsRoot), arguments: Flavour.built,
        ScriptCase.starts)
    func scripted(flavour: Flavour, scripted: ScriptCase) throws {
        #expect(try scripted.objections(flavour) == [])
    }

    @Test(
        "Only root can be another user", .needs(Self.nobodyObstacle), arguments: Flavour.built)
    func notRoot(flavour: Flavour) throws {
        let command = [flavour.path, "run", "--user=\(Self.nobody)", Host.guest("hello")]
        let directory = try TemporaryDirectory()
        let outcome = try Shell.run("exec \(Self.asNobody(command, directory))")
        #expect(outcome.status == 1)
        #expect(
            outcome.error == "pinnace: --user: only root can run a guest as another user\n")
        withExtendedLifetime(directory) {}
    }
}

extension ChildProcess {
    /// What is missing of the sandbox of a tender whose guest runs, if anything is.
    ///
    /// - Parameter isStrict: whether nothing is left even of what no_new_privs makes useless.
    fileprivate func objection(isStrict: Bool = false) -> String? {
        let status = status()
        guard status["NoNewPrivs"] == "1" else { return "it may get privileges" }
        guard status["Seccomp"] == "2" else { return "it has no filter" }
        for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] + (isStrict ? ["CapBnd"] : []) {
            guard status[set] == "0000000000000000" else { return "\(set) is not empty" }
        }
        return nil
    }
}
