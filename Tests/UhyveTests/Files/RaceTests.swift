#if Uhyve
    import CLinux
    import Linux
    import Testing

    @testable import GuestFiles
    @testable import Uhyve

    /// Somebody on the host renames files while the kernel looks them up.
    @Suite struct RaceTests {
        let sandbox: Sandbox
        let guest: FileGuest

        init() throws {
            sandbox = try Sandbox()
            guest = try FileGuest(["\(sandbox.inside):/root"])
        }

        /// Does `step` over and over on another thread while `body` runs.
        private func during(
            _ step: @escaping @Sendable () -> Void, _ body: () throws -> Void
        ) throws {
            let companion = try Companion(step)
            let result = Result(catching: body)
            companion.join()
            try result.get()
        }

        private func exchange(_ a: String, _ b: String) -> @Sendable () -> Void {
            let (a, b) = (sandbox.path(a), sandbox.path(b))
            return {
                let result = renameat2(AT_FDCWD, a, AT_FDCWD, b, UInt32(RENAME_EXCHANGE))
                #expect(result == 0)
            }
        }

        /// A directory that is a link to the outside every other moment.
        private func makeSwappedDirectory() throws -> @Sendable () -> Void {
            try sandbox.makeDirectory("inside/d")
            try sandbox.write("inside", to: "inside/d/file")
            try sandbox.link("inside/link", to: sandbox.outside)
            return exchange("inside/d", "inside/link")
        }

        @Test func opening() throws {
            var seen: [String?: Int] = [:]
            try during(try makeSwappedDirectory()) {
                for _ in 0..<20_000 { seen[try guest.contents("/root/d/file"), default: 0] += 1 }
            }
            #expect(Set(seen.keys).isSubset(of: ["inside", nil]))
            // Else there was no race.
            #expect(seen.count == 2)
            #expect(try sandbox.isIntact)
        }

        @Test("attack 24: Hermit: files swapped meanwhile")
        func openingAFileThatIsSwapped() throws {
            try sandbox.write("inside", to: "inside/file")
            try sandbox.link("inside/link", to: "../outside/file")
            let single = try FileGuest(["\(sandbox.inside)/file:/single"])
            try during(exchange("inside/file", "inside/link")) {
                for _ in 0..<10_000 {
                    for text in [try guest.contents("/root/file"), try single.contents("/single")] {
                        #expect(text == "inside" || text == nil)
                    }
                }
            }
            #expect(try sandbox.isIntact)
        }

        @Test func creatingRemovingAndLooking() throws {
            var results: Set<Int32> = []
            try during(try makeSwappedDirectory()) {
                for _ in 0..<5_000 {
                    results.insert(guest.makeDirectory("/root/d/new"))
                    results.insert(guest.unlink("/root/d/file"))
                    let number = guest.open("/root/d/file", Flag.write | Flag.create)
                    if number >= 3 { results.insert(guest.files.close(number)) }
                    #expect([0, -EXDEV, -ENOENT].contains(guest.status("/root/d/file")))
                }
            }
            #expect(results.isSubset(of: [0, -EXDEV, -EEXIST, -ENOENT]))
            #expect(results.contains(0) && results.contains(-EXDEV))
            #expect(try sandbox.isIntact)
        }

        /// A link goes up and down again while the directory it is in moves out of the mapping,
        /// where one step up is somewhere else.
        @Test func goingUpFromADirectoryThatMoves() throws {
            try sandbox.makeDirectory("inside/a")
            try sandbox.makeDirectory("inside/a/b")
            try sandbox.makeDirectory("elsewhere")
            try sandbox.link("inside/a/b/link", to: "../../a/../file")
            try sandbox.write("inside", to: "inside/file")
            try sandbox.write(Sandbox.secret, to: "file")
            try sandbox.makeDirectory("a")
            let path = sandbox.path
            try during({
                rename("\(path)/inside/a/b", "\(path)/elsewhere/b")
                rename("\(path)/elsewhere/b", "\(path)/inside/a/b")
            }) {
                for _ in 0..<20_000 {
                    let text = try guest.contents("/root/a/b/link")
                    #expect(text == "inside" || text == nil)
                }
            }
        }

        /// While one vCPU reads, another closes, and a third part of the process opens files that
        /// get the numbers that became free.
        @Test func closingWhileReading() throws {
            try sandbox.write("inside", to: "inside/file")
            let outside = "\(sandbox.outside)/file"
            let guest = guest
            var seen: [Int64: Int] = [:]
            try during({
                close(linux_open(outside, O_RDONLY | O_CLOEXEC, 0))
            }) {
                try during({
                    let number = guest.open("/root/file")
                    #expect(number == 3)
                    #expect(guest.files.close(number) == 0)
                }) {
                    for _ in 0..<50_000 {
                        let (result, bytes) = try guest.read(3)
                        seen[result, default: 0] += 1
                        if result > 0 { #expect(bytes == Array("inside".utf8)) }
                    }
                }
            }
            #expect(Set(seen.keys).isSubset(of: [6, 0, Int64(-EBADF)]))
        }

        @Test func twoThreadsMakeOneFile() throws {
            for round in 0..<300 {
                let guest = try FileGuest([], temporaryParent: sandbox.path)
                let flags = Flag.write | Flag.create | (round % 2 == 0 ? 0 : Flag.exclusive)
                let results = Results()
                let other = try Companion(repeats: false) {
                    results.add(guest.open("/new/file", flags))
                }
                results.add(guest.open("/new/file", flags))
                other.join()
                if round % 2 == 0 {
                    #expect(results.sorted == [3, 4])
                } else {
                    #expect(results.sorted.first == -EEXIST)
                }
                #expect(guest.files.tree.leaves.count == 1)
            }
        }

        private final class Results: @unchecked Sendable {
            // ThreadSanitizer does not know Mutex.
            private let lock = Lock()
            private var values: [Int32] = []
            var sorted: [Int32] { lock.withLock { values.sorted() } }
            func add(_ value: Int32) { lock.withLock { values.append(value) } }
        }
    }
#endif
