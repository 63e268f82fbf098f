import CLinux
import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// What `pinnace` tells about the sandbox, and what its modes change.
@Suite("Sandbox reports", .boots) struct SandboxReportTests {
    private let directory: TemporaryDirectory
    /// A guest, and what it needs to be launched.
    private let launch: [String]

    init() throws {
        directory = try TemporaryDirectory()
        let disk = try directory.write([UInt8](repeating: 0, count: 8192), to: "disk")
        launch = ["--block:storage=\(disk)", Host.guest("bench-block"), "read", "count=1"]
    }

    private func manifest(_ flavour: Flavour, _ options: [String]) throws -> String {
        let outcome = try ChildProcess.run(flavour.path, ["manifest"] + options + launch)
        #expect(outcome.status == 0)
        #expect(outcome.error == "")
        return outcome.output
    }

    @Test("As JSON", arguments: Flavour.built)
    func json(flavour: Flavour) throws {
        let text = try manifest(flavour, ["--sandbox", "--json"])
        let rules = try JSONDecoder().decode(LaunchRules.self, from: Data(text.utf8))
        #expect(rules.type == "pinnace.sandbox")
        #expect(rules.largestFile == 8192)
        let owners = Set(rules.systemCalls.map { $0.owner })
        #expect(owners == ["core", "walltime", "puts", "poll", "block"])
        let calls = rules.systemCalls.filter { $0.owner == "block" }
        #expect(
            calls.map { $0.form } == [
                "pread64, argument 0 is an attached block device",
                "pwrite64, argument 0 is a block device attached for writing",
            ])
        let disk = try #require(calls.first?.arguments.first?.value)
        #expect(calls.allSatisfy { $0.arguments.map { $0.value } == [disk] })
        #expect(try #require(rules.descriptors).contains(disk))
    }

    @Test("The descriptors are those that a running tender has", arguments: Flavour.built)
    func descriptors(flavour: Flavour) throws {
        let (near, far) = try Descriptor.socketPair(SOCK_SEQPACKET)
        let words = ["--net:service=@9", Host.guest("net-poll")]
        let told = try ChildProcess.run(
            flavour.path, ["manifest", "--sandbox", "--json"] + words,
            inherited: [9: near.number])
        let rules = try JSONDecoder().decode(LaunchRules.self, from: Data(told.out))
        let child = try ChildProcess(
            flavour.path, ["run"] + words, inherited: [9: near.number])
        #expect(try child.waitForOutput("waiting"))
        let descriptors = child.descriptors
        #expect(rules.descriptors == descriptors.keys.sorted().map { UInt64($0) })
        let vcpu = try #require(rules.systemCalls.first { $0.owner == "core" })
        #expect(vcpu.form == "ioctl, argument 0 is a vCPU, argument 1 is KVM_RUN")
        let number = try #require(vcpu.arguments.first?.value)
        #expect(descriptors[Int32(number)]?.contains("kvm-vcpu:0") == true)
        withExtendedLifetime(far) {}
    }

    @Test("As text", arguments: Flavour.built)
    func text(flavour: Flavour) throws {
        let text = try manifest(flavour, ["--sandbox"])
        for part in [
            #"^system calls; any other ends the process\n"#,
            #"\n  ioctl +for core; argument 0 is 0x\w+, a vCPU; argument 1 is 0xae80, KVM_RUN\n"#,
            #"\n  pread64 +for block; argument 0 is 0x\w+, an attached block device\n"#,
            #"\nfiles that can be opened\n  none\n"#,
            #"\ndescriptors that stay open\n  0 1 2( \d+)+\n"#,
        ] {
            #expect(text.contains(try Regex(part)), "\(part): \(text)")
        }
        let mapping = try ChildProcess.run(
            flavour.path,
            [
                "manifest", "--sandbox", "--file-mapping=\(directory.path):/root:ro",
                Host.guest("hermit/hello-v3"),
            ])
        #expect(mapping.output.contains(#/descriptor [0-9]+ +beneath it, to read\n/#))
        #expect(mapping.output.contains("all that this launch opened itself\n"))
    }

    @Test("As the filter's pseudo-code", arguments: Flavour.built)
    func pseudoCode(flavour: Flavour) throws {
        let text = try manifest(flavour, ["--pseudo-code"])
        #expect(text.hasPrefix("#\n# pseudo filter code start\n#\n"))
        #expect(text.hasSuffix("# pseudo filter code end\n#\n"))
        #expect(text.contains("# filter for syscall \"pwrite64\""))
        #expect(text.contains("action KILL_PROCESS;"))
        let disk = try manifest(flavour, ["--sandbox"]).firstMatch(
            of: #/pwrite64 +for block; argument 0 is 0x([0-9a-f]+)/#)
        let number = try #require(disk.flatMap { Int($0.1, radix: 16) })
        #expect(text.contains("$a0.lo32 == \(number)"))
    }

    @Test("Nothing is left behind", arguments: Flavour.built)
    func traces(flavour: Flavour) throws {
        let place = try directory.makeDirectory("place")
        let outcome = try ChildProcess.run(
            flavour.path,
            [
                "manifest", "--sandbox", "--output=\(place)/output",
                "--temporary-directory=\(place)", "--file-mapping=\(place)/absent:/root/file",
                Host.guest("hermit/hello-v3"),
            ])
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(outcome.output.contains("openat2"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: place) == [])
    }

    @Test("An output file that can't be made is found by a check", arguments: Flavour.built)
    func output(flavour: Flavour) throws {
        let file = try directory.write([1], to: "file")
        for (path, cause) in [
            (file, "File exists"), ("\(file)/new", "Not a directory"),
            (directory.path("none/new"), "No such file or directory"),
        ] {
            let outcome = try ChildProcess.run(
                flavour.path, ["check", "--output=\(path)", Host.guest("hermit/hello-v3")])
            #expect(outcome.status == 1)
            #expect(
                outcome.output.contains("option --output=\(path): Could not create: \(cause)\n"))
        }
        #expect(try directory.read("file") == [1])
    }

    @Test("A mode that there is not", arguments: Flavour.built)
    func unknownMode(flavour: Flavour) throws {
        let run = try flavour.run("hello", options: ["--sandbox=bogus"])
        #expect(run.status == 1)
        #expect(run.output == "")
        #expect(
            run.error.hasPrefix(
                "pinnace: option --sandbox: bogus is none of on, strict, inherited, explain"))
        let manifest = try ChildProcess.run(
            flavour.path, ["manifest", "--sandbox=bogus"] + launch)
        #expect(manifest.status == 1)
        #expect(manifest.error == "pinnace: option --sandbox takes no value\n")
    }

    @Test("Strict: /proc/PID is root's alone", arguments: Flavour.built)
    func strict(flavour: Flavour) throws {
        // Whatever root has is root's in any case.
        let user = geteuid() == 0 ? 65534 : geteuid()
        let isRoot = geteuid() == 0
        let options = isRoot ? ["--user=\(user)"] : []
        let asUser = isRoot ? "setpriv --reuid=\(user) --regid=\(user) --clear-groups " : ""
        for mode in ["on", "strict"] {
            let child = try flavour.start("idle", options: options + ["--sandbox=\(mode)"])
            guard try child.waitForOutput("idle") else {
                #expect(mode == "strict")
                #expect(try child.wait().error.contains("this kernel has no Landlock"))
                continue
            }
            let attributes = try FileManager.default.attributesOfItem(
                atPath: "/proc/\(child.id)/status")
            #expect(attributes[.ownerAccountID] as? Int == (mode == "on" ? Int(user) : 0))
            let listing = try Shell.run("\(asUser)ls /proc/\(child.id)/fd")
            #expect((listing.status == 0) == (mode == "on"), "\(mode): \(listing.error)")
            try child.send(signal: SIGKILL)
            _ = try child.wait()
        }
    }
}
