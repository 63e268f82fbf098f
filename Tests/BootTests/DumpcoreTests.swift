import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// Core files, as gdb reads them.
@Suite("Core files", .boots, .needs(Host.missing("gdb"))) struct DumpcoreTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private var option: String { "--dumpcore=\(directory.path)" }

    private func cores() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
    }

    private func gdb(_ guest: String, _ core: String, _ commands: String...) throws -> String {
        try ChildProcess.run(
            "/usr/bin/gdb",
            ["-nx", "-batch"] + commands.flatMap { ["-ex", $0] }
                + [Host.guest(guest), "\(directory.path)/\(core)"]
        ).output
    }

    @Test("A guest that aborts leaves where it trapped", arguments: Flavour.debugBuilt)
    func aborts(flavour: Flavour) throws {
        let child = try flavour.startDebug("exception", ["page-fault"], options: [option])
        let outcome = try child.wait()
        #expect(outcome.status == 255)
        let name = "core.solo5-hvt.\(child.id)"
        #expect(try cores() == [name])
        let lines = outcome.error.split(separator: "\n")
        #expect(lines.first?.hasSuffix("\(directory.path)/\(name)") == true)
        #expect(lines.last?.hasPrefix("pinnace: dumpcore: dumped ") == true)
        // The guest itself says where it was.
        let told = try #require(outcome.output.firstMatch(of: /rip (0x[0-9a-f]+)/)?.1)
        let text = try gdb("exception", name, "info registers rip", "backtrace")
        #expect(text.contains(told) && text.contains("in run_touch ()"), "\(text)")
    }

    @Test("A guest that fails leaves where it was", arguments: Flavour.debugBuilt)
    func fails(flavour: Flavour) throws {
        let outcome = try flavour.runDebug("protect", ["write-text"], options: [option])
        #expect(outcome.status == 1)
        let text = try gdb(
            "protect", #require(cores().first), "backtrace", "print *(char *) 0x100000 & 0xff")
        #expect(text.contains("#0  0x") && text.contains("in do_write ()"), "\(text)")
    }

    @Test("What the guest had in memory is in it", arguments: Flavour.debugBuilt)
    func memory(flavour: Flavour) throws {
        _ = try flavour.runDebug("exit", ["255"], options: [option, "--mem=16"])
        let core = try #require(cores().first)
        let path = "\(directory.path)/\(core)"
        let handle = try #require(FileHandle(forReadingAtPath: path))
        // Two program headers, one note of 356 bytes, and memory behind it.
        #expect(try handle.seekToEnd() == 532 + 16 << 20)
        var status = stat()
        stat(path, &status)
        #expect(status.st_blocks * 512 < 1 << 20)
        #expect(status.st_mode & 0o7777 == 0o600)
        // The tender's own: the command line behind the boot information.
        try handle.seek(toOffset: 532 + 0x1_0000)
        let information = try #require(try handle.read(upToCount: 0x4000))
        #expect(information.range(of: Data("255".utf8)) != nil)
    }

    @Test(
        "Every word that the guest stored is in it, the last one too",
        arguments: Flavour.debugBuilt)
    func everyWord(flavour: Flavour) throws {
        let outcome = try flavour.runDebug("fill", options: [option, "--mem=4"])
        #expect(outcome.status == 255, "\(outcome)")
        try FilledMemory(told: outcome.output, size: 4 << 20)
            .expect(in: directory.read(#require(cores().first)))
    }

    @Test("Only a guest that fails leaves one", arguments: Flavour.debugBuilt, [0, 1, 254])
    func succeeds(flavour: Flavour, status: Int32) throws {
        let outcome = try flavour.runDebug("exit", ["\(status)"], options: [option])
        #expect(outcome.status == status && outcome.error == "")
        #expect(try cores().isEmpty)
    }

    @Test("On SIGUSR1, and the guest runs on", arguments: Flavour.debugBuilt)
    func demanded(flavour: Flavour) throws {
        let child = try flavour.startDebug("idle", options: [option])
        #expect(try child.waitForOutput("idle"))
        for number in 1...2 {
            try child.send(signal: SIGUSR1)
            let name = "core.solo5-hvt.\(child.id).\(number)"
            try eventually(name) { try cores().contains(name) }
            #expect(try gdb("idle", name, "backtrace").contains("in guest_main"))
        }
        try child.send(signal: SIGTERM)
        #expect(try child.wait().status == 1)
    }

    @Test("On SIGUSR1 while the guest computes", arguments: Flavour.debugBuilt)
    func demandedWhileComputing(flavour: Flavour) throws {
        let child = try flavour.startDebug("hostile", ["cli-spin"], options: [option])
        #expect(try child.waitForOutput("cli-spin"))
        // It may still be on its way to where it computes.
        var isThere = false
        for number in 1...50 where !isThere {
            try child.send(signal: SIGUSR1)
            let name = "core.solo5-hvt.\(child.id).\(number)"
            try eventually(name) { try cores().contains(name) }
            isThere = try gdb("hostile", name, "backtrace").contains("in run_spin ()")
        }
        #expect(isThere)
        try child.send(signal: SIGTERM)
        #expect(try child.wait().status == 1)
    }

    @Test("On many SIGUSR1, some while it is written", arguments: Flavour.debugBuilt)
    func demandedOften(flavour: Flavour) throws {
        let child = try flavour.startDebug("idle", options: [option])
        #expect(try child.waitForOutput("idle"))
        // The guest goes back to its wait after each, at whatever moment the next one comes.
        for number in 1...20 {
            for _ in 0..<number % 4 { try child.send(signal: SIGUSR1) }
            let before = try cores().count
            try child.send(signal: SIGUSR1)
            try eventually("core \(number)") { try cores().count > before }
        }
        try child.send(signal: SIGTERM)
        #expect(try child.wait().status == 1)
    }

    @Test("Of a Hermit guest: all vCPUs", arguments: Flavour.debugBuilt)
    func hermit(flavour: Flavour) throws {
        let outcome = try flavour.runDebug(
            "hermit/hostile-v2", ["block", "serial", "below"], options: [option, "--cpus=2"])
        #expect(outcome.status == 1)
        let bias = try #require(outcome.error.firstMatch(of: /moved by (0x[0-9a-f]+)/)?.1)
        let text = try gdb(
            "hermit/hostile-v2", #require(cores().first), "info threads",
            "symbol-file -o \(bias) \(Host.guest("hermit/hostile-v2"))", "backtrace")
        #expect(text.contains("in run_block"), "\(text)")
        #expect(text.contains("* 1 ") && text.contains("  2 "), "\(text)")
    }

    @Test("On SIGUSR1 while a Hermit guest reads its input", arguments: Flavour.debugBuilt)
    func demandedWhileReading(flavour: Flavour) throws {
        let (reader, writer) = try Descriptor.pipe()
        let child = try ChildProcess(
            flavour.debugPath,
            ["run", option, "--cpus=2", Host.guest("hermit/stdin-v3")],
            input: .descriptor(reader.number))
        try writer.write(Array("before\n".utf8))
        #expect(try child.waitForOutput("before\n"))
        for number in 1...2 {
            try child.send(signal: SIGUSR1)
            let name = "core.solo5-hvt.\(child.id).\(number)"
            try eventually(name) { try cores().contains(name) }
        }
        // It reads on, as if nothing had been.
        try writer.write(Array("after\n".utf8))
        #expect(try child.waitForOutput("after\n"))
        try child.send(signal: SIGTERM)
        #expect(try child.wait().status == 1)
    }

    // MARK: What goes wrong

    @Test(
        "A full disk leaves no file",
        .needs(geteuid() == 0 ? nil : "only root can mount a small file system"),
        arguments: Flavour.debugBuilt)
    func fullDisk(flavour: Flavour) throws {
        let outcome = try Shell.run(
            """
            unshare -m sh -c 'mount -t tmpfs -o size=16k tmpfs "$D" || exit 99
            "$P" run --dumpcore="$D" "$G" 255; echo "status $?"; ls -A "$D" | wc -l'
            """,
            environment: [
                "D": directory.path, "P": flavour.debugPath, "G": Host.guest("exit"),
            ])
        #expect(outcome.output.hasSuffix("status 255\n0\n"), "\(outcome)")
        #expect(outcome.error.hasSuffix("no core file: No space left on device\n"))
    }

    /// Runs a guest as another user, with core files in a directory of this owner and mode.
    private func runAsOther(
        _ flavour: Flavour, _ command: String, owner: UInt32, mode: mode_t,
        guest: (name: String, arguments: [String]) = ("exit", ["255"])
    ) throws -> ChildProcess.Outcome {
        chmod(directory.path, mode)
        try attempt { chown(directory.path, owner, owner) }
        return try ChildProcess.run(
            flavour.debugPath,
            [command, "--user=65534", option, Host.guest(guest.name)] + guest.arguments)
    }

    @Test(
        "A directory that another user can't write to is refused at the launch",
        .needs(geteuid() == 0 ? nil : "only root can run a guest as another user"),
        arguments: Flavour.debugBuilt, ["run", "check"])
    func otherUsersDirectory(flavour: Flavour, command: String) throws {
        for (guest, arguments) in [("exit", ["255"]), ("hermit/hello-v3", [])] {
            for mode: mode_t in [0o700, 0o755] {
                let outcome = try runAsOther(
                    flavour, command, owner: 0, mode: mode, guest: (guest, arguments))
                #expect(outcome.status == 1)
                let text = outcome.output + outcome.error
                let cause = "Cannot write core files to \(directory.path): Permission denied"
                #expect(text.contains(cause), "\(text)")
                #expect(text.contains("user 65534"))
                #expect(!text.contains("exit status="))
            }
        }
    }

    @Test(
        "What another user can write to gets that user's core file",
        .needs(geteuid() == 0 ? nil : "only root can run a guest as another user"),
        arguments: Flavour.debugBuilt)
    func otherUsersCore(flavour: Flavour) throws {
        #expect(try runAsOther(flavour, "check", owner: 65534, mode: 0o700).status == 0)
        #expect(try cores().isEmpty)
        let outcome = try runAsOther(flavour, "run", owner: 65534, mode: 0o700)
        #expect(outcome.status == 255, "\(outcome)")
        var status = stat()
        let core = try directory.path(#require(cores().first))
        try attempt { stat(core, &status) }
        #expect(status.st_uid == 65534 && status.st_gid == 65534)
    }

    @Test(
        "A directory that only capabilities open is refused at the launch",
        .needs(geteuid() == 0 ? nil : "only root has capabilities"), arguments: Flavour.debugBuilt)
    func capabilities(flavour: Flavour) throws {
        chmod(directory.path, 0o755)
        try attempt { chown(directory.path, 65534, 65534) }
        let outcome = try flavour.runDebug("exit", ["255"], options: [option])
        #expect(outcome.status == 1 && outcome.output == "")
        #expect(outcome.error.contains("Permission denied (while a guest runs, root has no rights"))
    }

    @Test(
        "Without /proc there is no core file, and no launch",
        .needs(geteuid() == 0 ? nil : "only root can unmount /proc"),
        arguments: Flavour.debugBuilt, ["run", "check"])
    func noProc(flavour: Flavour, command: String) throws {
        let outcome = try Shell.run(
            #"unshare -m sh -c 'umount -l /proc || exit 99; "$P" "$C" --dumpcore="$D" "$G" 255'"#,
            environment: [
                "D": directory.path, "P": flavour.debugPath, "G": Host.guest("exit"),
                "C": command,
            ])
        #expect(outcome.status == 1)
        let text = outcome.output + outcome.error
        #expect(text.contains("/proc, which is not mounted here"), "\(text)")
        #expect(try cores().isEmpty && !text.contains("exit status="))
    }

    @Test("A limit of file sizes is found before the guest runs", arguments: Flavour.debugBuilt)
    func fileSize(flavour: Flavour) throws {
        let outcome = try Shell.run(
            #"ulimit -f 1000; exec "$P" run --dumpcore="$D" --mem=16 "$G" 255"#,
            environment: [
                "D": directory.path, "P": flavour.debugPath, "G": Host.guest("exit"),
            ])
        #expect(outcome.status == 1 && outcome.output == "", "\(outcome)")
        #expect(outcome.error.contains("Cannot write core files of 16 MiB to"), "\(outcome)")
        #expect(outcome.error.contains("ulimit -f unlimited"))
        #expect(try cores().isEmpty)
    }

    @Test("What has the name stays", arguments: Flavour.debugBuilt, [true, false])
    func taken(flavour: Flavour, isLink: Bool) throws {
        // The process's number is known once it runs.
        let child = try flavour.startDebug("idle", options: [option])
        #expect(try child.waitForOutput("idle"))
        let path = "\(directory.path)/core.solo5-hvt.\(child.id).1"
        let victim = "\(directory.path)/victim"
        try Data("mine".utf8).write(to: URL(fileURLWithPath: isLink ? victim : path))
        if isLink { symlink(victim, path) }
        // One that comes after it says that it has been tried.
        let next = "core.solo5-hvt.\(child.id).2"
        for number in 1...2 {
            try child.send(signal: SIGUSR1)
            if number == 1 { #expect(try child.waitForOutput("File exists\n")) }
        }
        try eventually(next) { try cores().contains(next) }
        try child.send(signal: SIGTERM)
        let outcome = try child.wait()
        #expect(outcome.status == 1)
        #expect(outcome.error.contains("no core file: File exists\n"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("mine".utf8))
    }

    @Test("A directory that is none", arguments: Flavour.debugBuilt, ["nothing", "file"])
    func noDirectory(flavour: Flavour, name: String) throws {
        try directory.write([], to: "file")
        let outcome = try flavour.runDebug(
            "exit", ["255"], options: ["--dumpcore=\(directory.path)/\(name)"])
        #expect(outcome.status == 1 && outcome.output == "")
        #expect(outcome.error.contains("Cannot write core files to \(directory.path)/\(name): "))
    }
}
