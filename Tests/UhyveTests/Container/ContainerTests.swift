#if Uhyve
    import CLinux
    import Linux
    import TestSupport
    import Testing

    @testable import GuestArchive
    @testable import GuestFiles
    @testable import HermitImage
    @testable import Tender
    @testable import Uhyve

    /// Guests that come in an archive.
    @Suite struct ContainerTests {
        private static let configuration = """
            version = "1"
            kernel = "bin/kernel"
            [input]
            kernel_args = ["-freq", "2000"]
            app_args = ["one", "two words"]
            env_vars = ["A=archive", "B=archive"]
            [requirements]
            memory = "128 MiB"
            cpus = 2
            """

        private func archive(
            _ configuration: String = configuration, kernel: [UInt8] = ELFBuilder.hermit(.v3).bytes
        ) -> TarBuilder {
            var tar = TarBuilder()
            tar.add("hermit.toml", configuration)
            tar.add("bin/kernel", kernel)
            tar.add("data/file", "content")
            return tar
        }

        private func plan(
            _ tar: TarBuilder, memory: UInt64? = nil, arguments: [String] = [],
            _ options: KeyValuePairs<String, String> = [:]
        ) throws -> HermitPlan {
            var request = LaunchRequest(
                program: "test", arguments: arguments.map { Array($0.utf8) }, lock: .open,
                warn: { _ in })
            request.memory = memory
            request.options = options.map { OptionValue(name: $0, value: $1) }
            return try HermitPlan(imageFile(tar.gzipped), request)
        }

        private func text(_ strings: [[UInt8]]) -> [String] {
            strings.map { String(decoding: $0, as: UTF8.self) }
        }

        private func failure(_ body: () throws -> HermitPlan) -> String? {
            do {
                _ = try body()
                return nil
            } catch {
                return "\(error)"
            }
        }

        @Test func whatItSays() throws {
            let plan = try plan(archive())
            #expect(plan.image.notes.interfaceVersion == 3)
            #expect(
                text(plan.arguments.arguments) == ["-freq", "2000", "--", "one", "two words"])
            #expect(text(plan.arguments.environment) == ["A=archive", "B=archive"])
            #expect(plan.options.cpuCount == 2)
            let memory = plan.layout.memory
            #expect(memory.upperBound - memory.lowerBound == 128 * mebibyte)
            #expect(plan.arguments.path.suffix(6) == Array("/image".utf8))
        }

        @Test func inMemory() throws {
            let tar = archive()
            let plan = try plan(tar, ["hermit-image-mode": "internal", "no-aslr": ""])
            #expect(plan.archive == nil && plan.archiveInMemory != nil)
            let (layout, size) = (plan.layout, UInt64(tar.bytes.count + 1024))
            let place = try #require(layout.archive)
            #expect(place.lowerBound >= layout.image.upperBound && place.lowerBound % 4096 == 0)
            #expect(place.upperBound - place.lowerBound == size)
            let memory = try GuestMemory(
                start: GuestAddress(layout.memory.lowerBound), count: 128 * mebibyte)
            try plan.archiveInMemory?.place(in: memory, at: place.lowerBound)
            #expect(try bytes(memory, place.lowerBound, tar.bytes.count) == tar.bytes)
            #expect(try self.plan(tar, ["hermit-image-mode": "external"]).archive != nil)
        }

        @Test func notInMemory() throws {
            let text = "version = '1'\nkernel = 'bin/kernel'"
            #expect(
                failure {
                    try plan(
                        archive(text, kernel: ELFBuilder.hermit(.v1).bytes),
                        ["hermit-image-mode": "internal"])
                }?.contains("is not supported with uhyve interface version 1") == true)
            var tar = archive(text)
            tar.add("more", [UInt8](repeating: 0, count: 16 << 20))
            #expect(
                failure {
                    try plan(tar, memory: 16 * mebibyte, ["hermit-image-mode": "internal"])
                }?.contains("an archive of 16 MiB does not fit") == true)
            #expect(
                failure { try plan(archive(text), ["hermit-image-mode": "both"]) }?
                    .contains("not external or internal") == true)
        }

        @Test func theCommandLinePrevails() throws {
            let plan = try plan(
                archive(), memory: 256 * mebibyte, arguments: ["own"],
                ["cpus": "3", "env": "B=own", "env": "C=own"])
            #expect(text(plan.arguments.arguments) == ["own"])
            #expect(text(plan.arguments.environment) == ["A=archive", "B=own", "C=own"])
            #expect(plan.options.cpuCount == 3)
            let memory = plan.layout.memory
            #expect(memory.upperBound - memory.lowerBound == 256 * mebibyte)
        }

        @Test func requirements() {
            #expect(
                failure { try plan(archive(), memory: 64 * mebibyte) }?
                    .contains("hermit.toml requires 134217728 bytes of memory") == true)
            #expect(
                failure { try plan(archive(), ["cpus": "1"]) }?
                    .contains("hermit.toml requires 2 cpus") == true)
            let small = archive("version = '1'\nkernel = 'bin/kernel'\n[requirements]\nmemory='1k'")
            #expect(
                (try? plan(small).layout.memory).map { $0.upperBound - $0.lowerBound }
                    == 64 * mebibyte)
        }

        @Test(arguments: [
            ("", "hermit.toml, line 1: version  is not '1'"),
            ("version = '2'\nkernel = 'k'", "hermit.toml, line 1: version '2' is not '1'"),
            ("version = '1'", "hermit.toml, line 1: it names no kernel"),
            ("version = 1", "line 1: version is unknown, or not of this type"),
            ("version = '1'\nkernel = 'nowhere'", "hermit.toml: the kernel 'nowhere' is not there"),
            ("version = '1'\nkernel = '../bin/kernel/x'", "is not there"),
            ("version = '1'\nkernel = 'data'", "hermit.toml: the kernel 'data' is not there"),
            ("version = '1'\nkernel = 'data/file'", "data/file: Could not read the ELF header"),
            ("\n[input]\nargs = []", "line 3: [input] args is unknown"),
            ("[input]\nenv_vars = ['A=1', 'B']", "line 2: env_vars: 'B' is not NAME=VALUE"),
            ("[input]\nenv_vars = ['=1']", "line 2: env_vars: '=1' is not NAME=VALUE"),
            ("[requirements]\nmemory = 'much'", "line 2: memory: 'much' is not a size"),
            ("[requirements]\nmemory = 64", "line 2: [requirements] memory is unknown, or not"),
        ])
        func badConfigurations(_ configuration: String, _ text: String) {
            let failure = failure { try plan(archive(configuration)) }
            #expect(failure?.contains(text) == true, "\(failure ?? "none")")
        }

        /// The same in other words of TOML's.
        @Test(arguments: [
            "\u{FEFF}'version' = '1'\r\nkernel='bin/kernel'\r\ninput={kernel_args=['a'], app_args=[]}",
            #""\u0076ersion" = '1'"# + "\ninput.kernel_args = [\n\"a\", #\n]\n"
                + #"kernel = """bin/\"# + "\n  kernel\"\"\"",
        ])
        func otherWords(_ configuration: String) throws {
            let plan = try plan(archive(configuration))
            #expect(text(plan.arguments.arguments) == ["a"])
        }

        @Test(arguments: [
            (
                "version = '1'\nkernel = 1979-05-27",
                "line 2: kernel is unknown, or not of this type"
            ),
            ("[[input]]", "line 1: input is unknown, or not of this type"),
            ("[input]\nkernel_args = [1]", "line 2: [input] kernel_args is unknown, or not of"),
            ("requirements.cpus = -1", "line 1: [requirements] cpus is unknown, or not of"),
            ("[input]\napp_args = [\"a\\u0000b\"]", "line 2: app_args: a string holds a NUL"),
            ("a = \(String(repeating: "[", count: 30000))", "more than 80 tables and arrays"),
        ])
        func otherTypes(_ configuration: String, _ text: String) {
            let failure = failure { try plan(archive(configuration)) }
            #expect(failure?.contains(text) == true, "\(failure ?? "none")")
        }

        /// Whatever a terminal takes for a command, in every text of an archive that is shown.
        @Test("attack 21: Hermit: texts of an archive") func textsOfAnArchive() throws {
            let bad = "\u{1B}]0;x\u{7}\u{9B}2J\u{7F}\u{202E}\nnext"
            let escaped = #"\u001b]0;x\u0007\u009b2J\u007f\u202e\nnext"#
            func configured(_ text: String) -> TarBuilder {
                archive("version='1'\nkernel='bin/kernel'\n\(text)")
            }
            func member(_ name: String, type: Character = "0", size: String? = nil) -> TarBuilder {
                var tar = archive()
                tar.add(name, [], type: type, size: size)
                return tar
            }
            var pax = archive()
            pax.add("pax", "21 GNU.sparse.\u{1B}[2J=1\n", type: "x")
            pax.add("last", "")
            var long = archive()
            long.add("long", "data/file/" + bad, type: "L")
            long.add("short", "")
            for (index, tar) in [
                archive("version = \"1\"\nkernel = \"\(escaped)\""),
                archive("version = \"\(escaped)\""), configured("\"\(escaped)\" = 1"),
                configured("input = {env_vars = [\"\(escaped)\"]}"),
                configured("requirements = {memory = \"\(escaped)\"}"),
                configured("\"\(escaped)\" = 1\n\"\(escaped)\" = 1"),
                configured("input = {\"\(escaped)\" = ['a']}"),
                member("../" + bad), member(bad, type: "1"), member(bad, type: "x", size: "x"),
                member(bad, size: "00000077777"), member("data/file/" + bad), long, pax,
            ].enumerated() {
                let failure = try #require(failure { try plan(tar) }, "case \(index)")
                #expect(
                    !failure.unicodeScalars.contains { $0.isUnprintable }, "\(index): \(failure)")
                #expect(failure.contains("\\x1b"), "\(index): \(failure)")
            }
            // Mappings are shown with members of the archive.
            var tar = archive()
            tar.add("sub/" + bad, "")
            let read = try Archive(try imageFile(tar.gzipped))
            let error = #expect(throws: ModuleError.self) {
                _ = try FileGuest(["/:/sub"], archive: read)
            }
            #expect(error?.text.unicodeScalars.contains { $0.isUnprintable } == false)
        }

        @Test func archivesOfSomethingElse() throws {
            var tar = TarBuilder()
            tar.add("x", "y")
            #expect(
                failure { try plan(tar) }?.contains("an archive without hermit.toml") == true)
            tar.add("hermit.toml", [UInt8](repeating: 0x20, count: 70_000))
            #expect(failure { try plan(tar) }?.contains("more than 65536 bytes") == true)
            // Segments that lead into other members.
            var elf = ELFBuilder.hermit(.v3)
            elf.parts[0].fileSize = 1 << 20
            elf.parts[0].memorySize = 1 << 20
            elf.parts[1].address = 2 << 20
            #expect(
                failure {
                    var tar = archive(kernel: elf.bytes)
                    tar.add("more", [UInt8](repeating: 0, count: 2 << 20))
                    return try plan(tar)
                }?.contains("a segment: the file is too short") == true)
        }

        @Test func theKernelIsLoadedFromIt() throws {
            let plan = try plan(archive(), ["no-aslr": ""])
            let memory = try GuestMemory(
                start: GuestAddress(plan.layout.memory.lowerBound), count: 128 * mebibyte)
            try plan.image.load(into: memory, bias: plan.layout.bias)
            #expect(
                try bytes(memory, plan.layout.image.lowerBound, 4) == Array("text".utf8))
        }

        // MARK: Files

        private func files() throws -> FileGuest {
            let archive = try Archive(try imageFile(self.archive().gzipped))
            return try FileGuest([], archive: archive)
        }

        private func text(_ guest: FileGuest, _ number: Int32, _ count: Int) throws -> String {
            String(decoding: try guest.read(number, count: count).bytes, as: UTF8.self)
        }

        @Test func reading() throws {
            let guest = try files()
            #expect(try guest.contents("/data/file") == "content")
            #expect(try guest.contents("data//../data/./file") == "content")
            #expect(guest.open("/data/file") == 3)
            #expect(guest.open("/data/file") == 4)
            #expect(try text(guest, 3, 3) == "con")
            #expect(guest.files.seek(3, offset: -2, whence: SEEK_END) == 5)
            #expect(try text(guest, 3, 100) == "nt")
            #expect(try text(guest, 3, 100) == "")
            #expect(guest.files.seek(3, offset: -8, whence: SEEK_CUR) == -Int64(EINVAL))
            #expect(guest.files.seek(3, offset: .max, whence: SEEK_CUR) == -Int64(EOVERFLOW))
            #expect(guest.files.seek(3, offset: .max, whence: SEEK_SET) == .max)
            #expect(try text(guest, 3, 100) == "")
            // The other opening is where it was.
            #expect(try text(guest, 4, 100) == "content")
            #expect(guest.files.close(3) == 0 && guest.files.close(3) == -EBADF)
        }

        @Test func listings() throws {
            let guest = try files()
            #expect(try guest.names("/") == ["hermit.toml", "bin", "data"])
            #expect(try guest.names("/data") == ["file"])
            #expect(guest.files.mountPoints == ["/bin", "/data"])
            #expect(guest.open("/data/file", Flag.directory) == -ENOTDIR)
        }

        @Test func attributes() throws {
            let guest = try files()
            let attributes = try guest.files.attributes(
                Array("/data/file".utf8), followsLinks: true)
            #expect(attributes.mode == 0o100444 && attributes.linkCount == 1)
            #expect(attributes.size == 7 && attributes.blockSize == 4096)
            #expect(attributes.blockCount == 1)
            #expect(guest.open("/data/file") == 3)
            #expect(try guest.files.attributes(of: 3).size == 7)
            #expect(guest.status("/data/file/x") == -ENOTDIR)
        }

        @Test func nothingChanges() throws {
            let guest = try files()
            for flags in [Flag.write, Flag.readWrite, Flag.truncate, Flag.write | Flag.create] {
                #expect(guest.open("/data/file", flags) == -EROFS)
            }
            #expect(guest.open("/data/file", Flag.create | Flag.exclusive) == -EEXIST)
            #expect(guest.open("/data/file/x", Flag.write | Flag.create) == -ENOTDIR)
            #expect(guest.unlink("/data/file") == -EROFS)
            #expect(guest.unlink("/data/file/x") == -ENOTDIR)
            #expect(guest.makeDirectory("/data/file") == -EROFS)
            #expect(guest.open("/data/file") == 3)
            #expect(try guest.write(3, "x") == -Int64(EROFS))
            #expect(try guest.contents("/data/file") == "content")
            // Nothing else is there to be changed.
            #expect(guest.open("/data/new", Flag.write | Flag.create) == -ENOENT)
        }

        @Test func mappingsBesideIt() throws {
            let sandbox = try Sandbox()
            try sandbox.write("inside", to: "inside/file")
            let archive = try Archive(try imageFile(self.archive().gzipped))
            let guest = try FileGuest(["\(sandbox.inside):/mapped"], archive: archive)
            #expect(try guest.contents("/mapped/file") == "inside")
            for path in ["/data", "/data/file", "/data/file/x", "/"] {
                let error = #expect(throws: ModuleError.self) {
                    _ = try FileGuest(["\(sandbox.inside):\(path)"], archive: archive)
                }
                #expect(error?.text.hasSuffix("can't both be there") == true)
            }
        }
    }
#endif
