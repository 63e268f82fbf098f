import Foundation
import TestSupport
import Testing

@testable import BootSupport

#if arch(x86_64)
    /// What a tender that was taken over can do with the directories that its launch leaves in reach.
    @Suite("Files of a tender that was taken over", .boots, .needs(Host.missing("gdb")))
    struct TakenFileTests {
        private let directory: TemporaryDirectory

        init() throws {
            directory = try TemporaryDirectory()
            for name in ["read", "write", "temporary", "temporary/empty", "cores", "cores/sub"] {
                try directory.makeDirectory(name)
            }
            for name in ["read/inside", "write/inside", "outside", "cores/sub/victim"] {
                try directory.write(Array("precious".utf8), to: name)
            }
        }

        /// As descriptors lead there.
        private func path(_ name: String) -> String {
            URL(fileURLWithPath: directory.path(name)).resolvingSymlinksInPath().path
        }

        /// What an attempt comes to: the call's result, or nil if the process died of it.
        private func result(
            of attempt: Attempt, _ hijack: Hijack, setup: [String] = []
        ) throws -> Int? {
            let (output, outcome) = try hijack.make(attempt, setup: setup)
            if outcome.signal == SIGSYS { return nil }
            #expect(outcome.signal == SIGKILL, "\(output)")
            let number: Int? = output.firstMatch(of: /result=(-?[0-9]+)/).flatMap { Int($0.1) }
            let result: Int = try #require(number, "\(output)")
            return result
        }

        /// Commands that put a path, and a struct open_how that says flags only, where the stack will
        /// not be used.
        private func writing(_ path: String, flags: Int32 = 0) -> [String] {
            [
                "set $path = $rsp - 8192", "set $how = $rsp - 12288",
                "set {char[\(path.utf8.count + 1)]} $path = \"\(path)\"",
                "set {long} $how = \(flags)", "set {long} ($how + 8) = 0",
                "set {long} ($how + 16) = 0",
            ]
        }

        private func openat2(in place: String) -> Attempt {
            Attempt(
                name: "openat2", number: 437, arguments: [path(place), "$path", "$how", "24"])
        }

        @Test(
            "attack 24: Hermit: a tender that was taken over opens what is mapped, and no more",
            arguments: Flavour.built, Hijack.Thread.allCases)
        func mapped(flavour: Flavour, thread: Hijack.Thread) throws {
            func result(of path: String) throws -> Int? {
                let options = ["--file-mapping=\(self.path("write")):/root"]
                return try self.result(
                    of: openat2(in: "write"), try Hijack(flavour, thread, options: options),
                    setup: writing(path))
            }
            #expect(try #require(try result(of: path("write/inside"))) > 2)
            for path in [path("outside"), "/etc/passwd"] {
                #expect(try result(of: path) == -Int(EACCES), "\(path)")
            }
        }

        @Test(
            "attack 24: Hermit: a tender that was taken over opens what is read-only to read it",
            arguments: Flavour.built)
        func readOnly(flavour: Flavour) throws {
            // Whatever Landlock can forbid: O_TRUNC needs no right that its second version knows.
            for flags in [O_RDONLY, O_RDONLY | O_TRUNC, O_RDWR] {
                let hijack = try Hijack(
                    flavour, .main, options: ["--file-mapping=\(path("read")):/root:ro"])
                let setup = writing("inside", flags: flags)
                #expect(try result(of: openat2(in: "read"), hijack, setup: setup) == nil)
            }
            #expect(try String(contentsOfFile: path("read/inside"), encoding: .utf8) == "precious")
        }

        @Test(
            "attack 24: Hermit: a tender that was taken over removes no directory but its own",
            arguments: Flavour.built)
        func removal(flavour: Flavour) throws {
            func hijack() throws -> Hijack {
                try Hijack(
                    flavour, .main, options: ["--temporary-directory=\(path("temporary"))"])
            }
            let remove = Attempt(
                name: "unlinkat", number: 263, arguments: ["-100", "$path", "0x200"])
            let rename = Attempt(
                name: "renameat2", number: 316, arguments: ["-100", "$path", "-100", "$path", "0"])
            for attempt in [remove, rename] {
                let setup = writing(path("temporary/empty"))
                #expect(try result(of: attempt, try hijack(), setup: setup) == nil)
            }
            #expect(FileManager.default.fileExists(atPath: path("temporary/empty")))
        }

        @Test(
            "attack 25: a tender that was taken over opens nothing in the directory for core files",
            arguments: Flavour.debugBuilt)
        func cores(flavour: Flavour) throws {
            let options = ["--dumpcore=\(path("cores"))"]
            func result(
                _ name: String, flags: Int32, mode: String = "0600"
            ) throws -> Int? {
                let open = Attempt(
                    name: "openat", number: 257,
                    arguments: [path("cores"), "$path", "\(flags)", mode])
                return try self.result(
                    of: open, try Hijack(debug: flavour, options: options), setup: writing(name))
            }
            for flags in [O_WRONLY, O_RDONLY, O_RDWR, O_WRONLY | O_TRUNC, O_WRONLY | O_CREAT] {
                #expect(try result("sub/victim", flags: flags) == nil)
            }
            // O_TMPFILE as <fcntl.h> has it for x86_64: the way in which core files are made.
            let unnamed = O_WRONLY | O_CLOEXEC | 0o20200000
            #expect(try result("sub/victim", flags: unnamed) == -Int(ENOTDIR))
            #expect(try result("/", flags: unnamed) == -Int(EACCES))
            #expect(try result(".", flags: unnamed, mode: "04755") == nil)
            #expect(try #require(try result(".", flags: unnamed)) > 2)
            #expect(
                try String(contentsOfFile: path("cores/sub/victim"), encoding: .utf8) == "precious")
        }
    }
#endif
