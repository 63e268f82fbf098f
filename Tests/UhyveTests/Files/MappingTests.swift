#if Uhyve
    import CLinux
    import Linux
    import Tender
    import Testing

    @testable import GuestFiles
    @testable import Uhyve

    /// What the operator writes.
    @Suite struct MappingTests {
        let sandbox: Sandbox
        var inside: String { sandbox.inside }

        init() throws {
            sandbox = try Sandbox()
            try sandbox.write("inside", to: "inside/file")
        }

        @Test(arguments: [
            ("a:b", "a", "/b", false), ("a:/b", "a", "/b", false), ("/a/:/b/", "/a/", "/b", false),
            ("a:/b/../c//./d:ro", "a", "/c/d", true), ("a:/", "a", "/", false),
            ("a:..", "a", "/", false), ("ä:ö", "ä", "/ö", false),
        ])
        func parsing(_ text: String, _ host: String, _ guest: String, _ isReadOnly: Bool) throws {
            let mapping = try FileMapping.parse(.mapping(text))
            #expect(mapping.host == host)
            #expect(mapping.guest.description == guest)
            #expect(mapping.isReadOnly == isReadOnly)
        }

        @Test(arguments: [
            ("", "not HOST:GUEST or HOST:GUEST:ro"), ("a", "not HOST:GUEST or HOST:GUEST:ro"),
            ("a:b:ro:x", "not HOST:GUEST or HOST:GUEST:ro"),
            ("a:b:rw", "only 'ro', for read-only, can follow the second colon"),
            ("a:b:", "only 'ro', for read-only, can follow the second colon"),
            (":b", "no file or directory of the host before the colon"),
            ("a:", "no path in the guest after the colon"),
            ("a::ro", "no path in the guest after the colon"),
            ("a:b\u{0}", "bad path in the guest: Invalid argument"),
        ])
        func parsingRefuses(_ text: String, _ message: String) {
            #expect(throws: ModuleError.self) { try FileMapping.parse(.mapping(text)) }
            #expect(
                refusal([text])
                    == ModuleError(
                        message, option: .mapping(text),
                        hint: text == "a:b:ro:x" ? "neither path can contain a colon" : nil))
        }

        @Test("attack 23: Hermit: mappings over each other") func collisions() {
            let same = refusal(["\(inside):/a", "\(inside)/file:a"])
            #expect(same?.text == "/a is mapped already, by --file-mapping=\(inside):/a")
            #expect(same?.option == .mapping("\(inside)/file:a"))
            for (first, second) in [("/a", "/a/b"), ("/a/b", "/a"), ("/", "/x"), ("x/y/z", "/")] {
                let error = refusal(["\(inside):\(first)", "\(inside):\(second)"])
                #expect(
                    error?.text.hasSuffix("can't both be mapped: one is below the other") == true)
            }
            #expect(refusal(["\(inside):/a/b", "\(inside):/a/bc", "\(inside):/a/c"]) == nil)
        }

        @Test func whatIsNotThere() throws {
            try sandbox.link("dangling", to: "nowhere")
            let path = sandbox.path
            #expect(refusal(["\(path)/new:/a"]) == nil)
            let cases = [
                ("\(path)/new:/a:ro", "No such file or directory", "what is mapped read-only"),
                ("\(path)/no/new:/a", "No such file or directory", "its directory must exist"),
                ("\(path)/new/:/a", "No such file or directory", "its directory must exist"),
                ("\(path)/no/..:/a", "No such file or directory", "its directory must exist"),
                ("\(inside)/file/x:/a", "Not a directory", nil),
                ("\(inside)/file/:/a", "Not a directory", nil),
                ("\(path)/dangling:/a", "Too many levels of symbolic links", "leads nowhere"),
            ]
            for (mapping, cause, hint) in cases {
                let error = refusal([mapping])
                let host = mapping.split(separator: ":")[0]
                #expect(error?.text == "\(host): \(cause)")
                #expect(error?.option == .mapping(mapping))
                #expect(hint.map { error?.hint?.contains($0) == true } ?? (error?.hint == nil))
            }
            #expect(try sandbox.listing("").sorted() == ["dangling", "inside", "outside"])
        }

        @Test func nothingMappedIsNothingThere() throws {
            let guest = try FileGuest([])
            #expect(guest.open("/root/x", Flag.write | Flag.create) == -ENOENT)
            #expect(guest.makeDirectory("/x") == -ENOENT)
            #expect(guest.unlink("/x") == -ENOENT)
            #expect(guest.status("/x") == -ENOENT)
            #expect(guest.status("/") == 0)
            #expect(try guest.names("/").isEmpty)
            #expect(guest.files.mountPoints.isEmpty)
        }

        @Test(arguments: [
            (["i:/root"], ["/root"]), (["f:/data/x"], ["/data"]),
            (["f:/data/x", "i:/data/y"], ["/data"]),
            (["i:/data/y", "f:/data/x"], ["/data"]), (["i:/a/b", "i:/a/c"], ["/a/b", "/a/c"]),
            (["f:/a/b/c", "f:/a/d"], ["/a"]), (["f:/a/x", "f:/a/y"], ["/a"]), (["f:x"], []),
            (["f:x", "i:/root", "f:/y"], ["/root"]),
            (["i:/root", "f:x", "f:/a/y"], ["/root", "/a"]),
        ])
        func mountPoints(_ mappings: [String], _ points: [String]) throws {
            let guest = try FileGuest(
                mappings.map {
                    $0.hasPrefix("i") ? inside + $0.dropFirst() : "\(inside)/file" + $0.dropFirst()
                })
            #expect(guest.files.mountPoints == points)
        }

        @Test(arguments: ["/", "//", "x/..", "."]) func nothingIsMappedToTheRoot(_ path: String) {
            for host in [inside, "\(inside)/file"] {
                let error = refusal(["\(host):\(path)"])
                #expect(error?.text.hasPrefix("nothing can be mapped to /") == true)
                #expect(error?.option?.value == "\(host):\(path)")
            }
        }

        @Test func leafsAreTakenByWholeNames() throws {
            let guest = try FileGuest(["\(inside):/data/one"])
            #expect(guest.open("/data/on/file") == -ENOENT)
            #expect(guest.open("/data/one-/file") == -ENOENT)
            #expect(guest.open("/data/one/file") == 3)
            #expect(guest.open("data/one/file") == 4)
        }

        // MARK: Kernels that leave out /root

        @Test(arguments: ["/root", "root", "/", "/root/"])
        func oneDirectoryForOldKernels(_ guestPath: String) throws {
            let guest = try FileGuest(["\(inside):\(guestPath)"], rootsAreRelative: true)
            #expect(try guest.contents("file") == "inside")
            #expect(try guest.contents("/file") == "inside")
            #expect(guest.open("root/file") == -ENOENT)
            #expect(guest.open("new", Flag.write | Flag.create) >= 3)
            #expect(guest.open("../outside/file") == -ENOENT)
            #expect(guest.status("") == 0)
        }

        @Test func singleNamesForOldKernels() throws {
            let guest = try FileGuest(
                ["\(inside)/file:/root/x", "\(inside)/file:y", "\(inside):/root/d/e"],
                rootsAreRelative: true)
            for name in ["x", "y", "d/e/file"] { #expect(try guest.contents(name) == "inside") }
            let error = refusal(
                ["\(inside)/file:/root/x", "\(inside)/file:x"], rootsAreRelative: true)
            #expect(error?.text.contains("is mapped already") == true)
            #expect(refusal(["\(inside)/file:/root/x", "\(inside)/file:x"]) == nil)
        }
    }
#endif
