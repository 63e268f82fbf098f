#if Uhyve
    import CLinux
    import Linux
    import Tender
    import Testing

    @testable import GuestFiles
    @testable import Uhyve

    /// Nothing that the guest writes into a path leads out of what is mapped.
    @Suite struct EscapeTests {
        let sandbox: Sandbox
        let guest: FileGuest

        init() throws {
            sandbox = try Sandbox()
            try sandbox.write("inside", to: "inside/file")
            guest = try FileGuest(["\(sandbox.inside):/root"])
        }

        @Test(arguments: [
            "/root/../outside/file", "/root/../../outside/file", "../outside/file",
            "/root/sub/../../outside/file", "/../../../../../../etc/passwd", "/etc/passwd",
            "/root/..", "..", "root/../../root/../outside/file", "/outside/file",
        ])
        func dotsLeadNowhere(_ path: String) throws {
            let isRoot = path.hasSuffix("..")
            #expect(guest.open(path) == (isRoot ? -EINVAL : -ENOENT))
            #expect(guest.status(path) == (isRoot ? 0 : -ENOENT))
            #expect(guest.unlink(path) == (isRoot ? -EISDIR : -ENOENT))
            #expect(guest.makeDirectory(path) == (isRoot ? -EEXIST : -ENOENT))
            #expect(guest.open(path, Flag.write | Flag.create) == (isRoot ? -EISDIR : -ENOENT))
            #expect(try sandbox.isIntact)
        }

        @Test(arguments: ["/root/../root/file", "/root/./x/../file", "//root//file//", "root/file"])
        func dotsWithinAreText(_ path: String) throws {
            #expect(try guest.contents(path) == "inside")
        }

        /// Absolute links, relative ones, and chains of them, for the last name and before it.
        @Test(
            "attack 24: Hermit: symbolic links",
            arguments: [
                "absolute", "relative", "chain", "up/outside/file", "directory/file",
                "directory/sub/file", "relative-directory/file", "root/etc/passwd",
            ])
        func symbolicLinksDoNotLeadOut(_ path: String) throws {
            try sandbox.link("inside/absolute", to: "\(sandbox.outside)/file")
            try sandbox.link("inside/relative", to: "../outside/file")
            try sandbox.link("inside/chain", to: "relative")
            try sandbox.link("inside/up", to: "..")
            try sandbox.link("inside/directory", to: sandbox.outside)
            try sandbox.link("inside/relative-directory", to: "../outside")
            try sandbox.link("inside/root", to: "/")
            let path = "/root/\(path)"
            #expect(guest.open(path) == -EXDEV)
            #expect(guest.open(path, Flag.write | Flag.truncate) == -EXDEV)
            #expect(guest.open(path, Flag.readWrite | Flag.create) == -EXDEV)
            #expect(guest.open(path, Flag.directory) == -EXDEV)
            #expect(guest.status(path) == -EXDEV)
            let isDirectoryOutside = path.split(separator: "/").count > 2
            if isDirectoryOutside {
                #expect(guest.unlink(path) == -EXDEV)
                #expect(guest.makeDirectory(path) == -EXDEV)
                #expect(guest.makeDirectory(path + "-new") == -EXDEV)
                #expect(guest.status(path, followsLinks: false) == -EXDEV)
                #expect(guest.open(path + "-new", Flag.write | Flag.create) == -EXDEV)
            } else {
                // What is removed is the link.
                #expect(try guest.mode(path, followsLinks: false) & 0o170000 == 0o120000)
                #expect(guest.makeDirectory(path) == -EEXIST)
                #expect(guest.unlink(path) == 0)
            }
            #expect(try sandbox.isIntact)
        }

        @Test func aDanglingLinkCreatesNothingOutside() throws {
            try sandbox.link("inside/new", to: "../outside/new")
            #expect(guest.open("/root/new", Flag.write | Flag.create) == -EXDEV)
            #expect(guest.open("/root/new", Flag.write | Flag.create | Flag.exclusive) == -EEXIST)
            #expect(try sandbox.isIntact)
        }

        @Test func symbolicLinksWithinAreFollowed() throws {
            try sandbox.makeDirectory("inside/a")
            try sandbox.link("inside/a/up", to: "../file")
            try sandbox.link("inside/down", to: "a/up")
            try sandbox.link("inside/loop", to: "loop")
            #expect(try guest.contents("/root/down") == "inside")
            #expect(try guest.mode("/root/down") & 0o170000 == 0o100000)
            #expect(try guest.mode("/root/down", followsLinks: false) & 0o170000 == 0o120000)
            #expect(guest.open("/root/loop") == -ELOOP)
        }

        /// They lead to any file at all, whatever is above or beneath.
        @Test("attack 24: Hermit: links of procfs") func theLinksOfProcAreNotFollowed() throws {
            let descriptor = try FileDescriptor.open("\(sandbox.outside)/file", O_RDONLY)
            let directory = try FileDescriptor.open(sandbox.outside, O_RDONLY)
            let guest = try FileGuest(["/proc/self:/root"])
            let magic = [
                "root/etc/passwd", "cwd/x", "fd/\(descriptor.number)",
                "fd/\(directory.number)/file", "exe", "root", "cwd",
            ]
            for name in magic {
                #expect(guest.open("/root/\(name)") == -ELOOP, "\(name)")
                #expect(guest.status("/root/\(name)") == -ELOOP, "\(name)")
            }
            #expect(guest.open("/root/fd/\(descriptor.number)", Flag.write) == -ELOOP)
            #expect(
                guest.open("/root/fd/\(directory.number)/new", Flag.write | Flag.create) == -ELOOP)
            #expect(guest.unlink("/root/fd/\(directory.number)/file") == -ELOOP)
            #expect(guest.makeDirectory("/root/fd/\(directory.number)/new") == -ELOOP)
            #expect(guest.open("/root/status") >= 3)
            #expect(try sandbox.isIntact)
        }

        @Test func badPathsAreRefusedAlike() {
            let root = Array("/root/".utf8)
            let long = root + [UInt8](repeating: UInt8(ascii: "x"), count: 256)
            let longer = (0..<2048).flatMap { _ in Array("x/".utf8) }
            let bad: [([UInt8], Int32)] = [
                (root + [0xFF], EINVAL), (root + [0xC0, 0xAF], EINVAL),
                (root + [0xED, 0xA0, 0x80], EINVAL), (root + [0xE2, 0x82], EINVAL),
                (root + [UInt8(ascii: "f"), 0, UInt8(ascii: "x")], EINVAL), ([0], EINVAL),
                (long, ENAMETOOLONG), (longer, ENAMETOOLONG),
                ([UInt8](repeating: UInt8(ascii: "/"), count: 1 << 20), ENAMETOOLONG),
            ]
            for (path, error) in bad {
                #expect(guest.files.open(path, flags: 0, mode: 0) == -error)
                #expect(guest.files.open(path, flags: Flag.create | Flag.write, mode: 0) == -error)
                #expect(guest.files.unlink(path) == -error)
                #expect(guest.files.makeDirectory(path) == -error)
                #expect(throws: Errno(error)) {
                    try guest.files.attributes(path, followsLinks: true)
                }
            }
            // One byte less is the kernel's to refuse, and it does not exist.
            #expect(guest.files.open(Array(longer.dropLast()), flags: 0, mode: 0) == -ENOENT)
        }

        /// What makes no sense in any order, for a while; the outside must not notice.
        @Test func randomPathsStayInside() throws {
            try sandbox.makeDirectory("inside/a")
            try sandbox.link("inside/a/up", to: "..")
            try sandbox.link("inside/upper", to: "../..")
            try sandbox.link("inside/out", to: sandbox.outside)
            try sandbox.link("inside/root", to: "/")
            let guest = try FileGuest(
                ["\(sandbox.inside):/root", "\(sandbox.inside)/file:/single"])
            let names = [
                "..", ".", "", "root", "single", "a", "up", "upper", "out", "outside", "inside",
                "file", "sub", "new", "\u{0}", "é",
            ]
            var generator = SystemRandomNumberGenerator()
            for _ in 0..<20_000 {
                let path = (0..<Int.random(in: 1...8, using: &generator))
                    .map { _ in names.randomElement(using: &generator) ?? "" }
                    .joined(separator: "/")
                switch Int.random(in: 0..<5, using: &generator) {
                case 0:
                    let number = guest.open(path, Int32.random(in: 0...0o277777))
                    guard number >= 3 else { continue }
                    let (_, bytes) = try guest.read(number)
                    #expect(bytes != Array(Sandbox.secret.utf8), "\(path)")
                    _ = try guest.write(number, "guest")
                    #expect(guest.files.close(number) == 0)
                case 1: _ = guest.unlink(path)
                case 2: _ = guest.makeDirectory(path)
                default: _ = guest.status(path, followsLinks: Bool.random())
                }
            }
            #expect(try sandbox.isIntact)
        }
    }
#endif
