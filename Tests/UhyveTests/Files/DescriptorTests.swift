#if Uhyve
    import CLinux
    import Linux
    import Tender
    import Testing

    @testable import GuestFiles
    @testable import Uhyve

    /// The guest's numbers for open files.
    @Suite struct GuestDescriptorTests {
        let sandbox: Sandbox
        let guest: FileGuest

        init() throws {
            sandbox = try Sandbox()
            try sandbox.write("inside", to: "inside/file")
            guest = try FileGuest(["\(sandbox.inside):/root"])
        }

        @Test(
            "attack 05: Hermit: descriptors of nothing",
            arguments: [
                -1, 3, 4, 5, 258, 259, 260, 1023, 65536, .max, .min, .min + 2, .max - 2,
            ] as [Int32])
        func numbersThatStandForNothing(_ number: Int32) throws {
            // The table has been used, and this one is stale.
            #expect(guest.open("/root/file") == 3)
            #expect(guest.files.close(3) == 0)
            let badNumber = Int64(-EBADF)
            #expect(guest.files.close(number) == -EBADF)
            #expect(try guest.read(number).result == badNumber)
            #expect(try guest.write(number, "x") == badNumber)
            #expect(try guest.entries(number).result == badNumber)
            for whence in [SEEK_SET, SEEK_CUR, SEEK_END] {
                #expect(guest.files.seek(number, offset: 0, whence: whence) == badNumber)
            }
            #expect(throws: Errno(EBADF)) { try guest.files.attributes(of: number) }
        }

        @Test(arguments: [0, 1, 2] as [Int32]) func theConsoleIsNotHere(_ number: Int32) throws {
            let badNumber = Int64(-EBADF)
            #expect(try guest.read(number).result == badNumber)
            #expect(try guest.write(number, "x") == badNumber)
            #expect(guest.files.seek(number, offset: 0, whence: SEEK_SET) == badNumber)
            #expect(throws: Errno(EBADF)) { try guest.files.attributes(of: number) }
            // This closes nothing.
            #expect(guest.files.close(number) == 0)
            #expect(linux_fcntl(number, F_GETFD, 0) >= 0)
        }

        @Test func theLowestFreeNumber() {
            for number: Int32 in 3..<8 { #expect(guest.open("/root/file") == number) }
            #expect(guest.files.close(5) == 0)
            #expect(guest.files.close(5) == -EBADF)
            #expect(guest.files.close(4) == 0)
            #expect(guest.open("/root/none") == -ENOENT)
            #expect(guest.open("/root/file") == 4)
            #expect(guest.open("/root/file") == 5)
            #expect(guest.open("/root/file") == 8)
        }

        @Test func theTableIsFull() throws {
            let capacity = Int32(DescriptorTable.capacity)
            for index in 0..<capacity { #expect(guest.open("/root/file") == 3 + index) }
            #expect(guest.open("/root/file") == -EMFILE)
            // Nothing is made or lost when there is no number for it.
            #expect(guest.open("/root/new", Flag.write | Flag.create) == -EMFILE)
            #expect(guest.open("/root/file", Flag.write | Flag.truncate) == -EMFILE)
            #expect(try sandbox.listing("inside") == ["file"])
            #expect(try sandbox.read("inside/file") == "inside")
            #expect(guest.files.close(100) == 0)
            #expect(guest.open("/root/new", Flag.write | Flag.create) == 100)
        }

        /// As a vCPU that reads holds it while another closes it.
        @Test func whoHoldsAFileKeepsItsNumberOnTheHost() throws {
            #expect(guest.open("/root/file") == 3)
            let inode = try guest.files.attributes(of: 3).inode
            guard case .host(let held) = try guest.files.table.file(3) else {
                Issue.record("no file of the host's")
                return
            }
            #expect(guest.files.close(3) == 0)
            for _ in 0..<100 { #expect(guest.open("/root/none", Flag.write | Flag.create) >= 3) }
            #expect(try FileAttributes(of: held.descriptor).inode == inode)
        }

        /// They would run out otherwise, for us and the host.
        @Test func theHostsDescriptorsAreGivenBack() throws {
            let before = try openDescriptors()
            for _ in 0..<3 {
                for _ in 0..<DescriptorTable.capacity {
                    _ = guest.open("/root/file")
                    _ = guest.open("/root/none")
                    _ = guest.open("/root/file/x")
                    _ = guest.status("/root/file")
                    _ = guest.makeDirectory("/root/d")
                }
                #expect(try openDescriptors() - before == DescriptorTable.capacity)
                for number in 0..<Int32(DescriptorTable.capacity) {
                    #expect(guest.files.close(3 + number) == 0)
                }
                #expect(try openDescriptors() == before)
            }
            var another: FileGuest? = try FileGuest(["\(sandbox.inside):/root"])
            #expect(another?.open("/root/file") == 3)
            another = nil
            #expect(try openDescriptors() == before)
        }

        /// How many descriptors lead to the directory that only this test uses.
        private func openDescriptors() throws -> Int {
            let table = try FileDescriptor.open("/proc/self/fd", O_RDONLY | O_DIRECTORY)
            var count = 0
            while true {
                let names = try table.entries(room: 1 << 16).names
                if names.isEmpty { return count }
                for name in names {
                    let link = "/proc/self/fd/\(String(decoding: name, as: UTF8.self))"
                    let target = (try? canonicalPath(link)).map {
                        String(decoding: $0, as: UTF8.self)
                    }
                    if target?.hasPrefix(sandbox.inside) == true { count += 1 }
                }
            }
        }
    }
#endif
