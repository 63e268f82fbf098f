#if Uhyve
    import ABI
    import CLinux
    import Linux
    import TestSupport
    import Testing

    @testable import GuestFiles
    @testable import Tender
    @testable import Uhyve

    /// The calls of versions 2 and 3 about files.
    @Suite struct Version2Tests {
        private let guest: CallGuest
        private let buffer = CallGuest.buffer.value

        init() throws {
            guest = try CallGuest()
        }

        private func transfer(
            _ call: Call, _ fd: Int32, _ address: UInt64, _ count: UInt64
        ) throws -> Int64 {
            let before = uhyve_v2_file_io(
                len: count, ret: -99, buf: address, fd: fd, reserved: 0xABCD)
            let after = try guest.call(call, with: before)
            #expect(after.len == count && after.buf == address && after.fd == fd)
            #expect(after.reserved == 0xABCD)
            return after.ret
        }

        private func seek(_ fd: Int32, _ offset: Int64, _ whence: UInt32) throws -> Int64 {
            try guest.call(
                .fileLseek2, with: uhyve_v2_file_lseek(offset: offset, whence: whence, fd: fd)
            ).offset
        }

        @Test func aFilesLife() throws {
            #expect(try guest.open("/root/new", 0o102) == 3)
            try guest.place("0123456789")
            #expect(try transfer(.fileWrite2, 3, buffer, 10) == 10)
            #expect(try seek(3, -4, 2) == 6)
            #expect(try transfer(.fileRead2, 3, buffer, 100) == 4)
            #expect(try guest.text(4) == "6789")
            #expect(try transfer(.fileRead2, 3, buffer, 100) == 0)
            #expect(try guest.call(.fileClose2, with: uhyve_file_close(fd: 3, ret: -99)).ret == 0)
            try guest.place("/root/new")
            let unlink = uhyve_file_unlink(name: buffer, ret: -99)
            #expect(try guest.call(.fileUnlink2, with: unlink).ret == 0)
        }

        @Test func opening() throws {
            #expect(try guest.open("/root/none") == -ENOENT)
            #expect(try guest.open("/elsewhere", 0o102) == -ENOENT)
            for address: UInt64 in [0, CallGuest.end, .max] {
                let open = uhyve_file_open(name: address, flags: 0, mode: 0, ret: -99)
                #expect(try guest.call(.fileOpen2, with: open).ret == -EFAULT)
                let unlink = uhyve_file_unlink(name: address, ret: -99)
                #expect(try guest.call(.fileUnlink2, with: unlink).ret == -EFAULT)
            }
        }

        @Test func theConsole() throws {
            try guest.place("text")
            #expect(try transfer(.fileWrite2, 1, buffer, 4) == 4)
            #expect(try transfer(.fileWrite2, 2, buffer, 2) == 2)
            #expect(try transfer(.fileWrite2, 0, buffer, 2) == Int64(-EBADF))
            #expect(try guest.output() == "textte")
        }

        @Test(
            "attack 02: Hermit: buffers outside memory, version 2",
            arguments: [.fileRead2, .fileWrite2] as [Call]) func badBuffers(_ call: Call) throws
        {
            #expect(try guest.open("/root/file", 2) == 3)
            for address: UInt64 in [0, CallGuest.start - 1, CallGuest.end, .max] {
                #expect(try transfer(call, 3, address, 4) == Int64(-EFAULT))
                #expect(try transfer(call, 3, address, 0) == 0)
            }
            #expect(try transfer(call, 3, buffer, 1 << 63) == Int64(-EINVAL))
            #expect(try transfer(call, 3, buffer, .max) == Int64(-EINVAL))
            #expect(try transfer(call, 3, CallGuest.end - 2, UInt64(Int64.max)) == 2)
            #expect(try transfer(call, 9, buffer, 4) == Int64(-EBADF))
        }

        @Test func seekingFails() throws {
            #expect(try guest.open("/root/file") == 3)
            #expect(try seek(3, -1, 0) == Int64(-EINVAL))
            #expect(try seek(3, 0, .max) == Int64(-EINVAL))
            #expect(try seek(0, 0, 0) == Int64(-EBADF))
        }

        // MARK: Version 3

        @Test func directories() throws {
            let fd = try guest.open("/root", 0o200000)
            #expect(fd == 3)
            func list(_ address: UInt64, _ count: UInt64, _ fd: Int32 = fd)
                throws -> uhyve_v3_getdents
            {
                var call = uhyve_v3_getdents()
                (call.fd, call.buf, call.len) = (fd, address, count)
                call.result.value = 0xEEEE_EEEE_EEEE_EEEE
                return try guest.call(.getdents3, with: call)
            }
            func error(_ call: uhyve_v3_getdents) -> Int32? {
                call.result.tag == 3 ? Int32(truncatingIfNeeded: call.result.value) : nil
            }
            #expect(error(try list(buffer, 10)) == EINVAL)
            #expect(error(try list(0, 4096)) == EFAULT)
            #expect(error(try list(buffer, .max)) == EINVAL)
            #expect(error(try list(buffer, 4096, 77)) == EBADF)
            let found = try list(buffer, 4096)
            #expect(found.result.tag == 1)
            let range = try guest.memory.range(
                at: CallGuest.buffer, count: found.result.value, for: .read)
            let names = Entry.all(in: guest.memory.bytes(in: range)).map(\.name)
            #expect(names.contains("file"))
            #expect(try list(buffer, 4096).result.tag == 2)
        }

        private func stat(
            _ path: String, kind: UInt32 = 0, to address: UInt64 = CallGuest.buffer.value + 0x1000
        ) throws -> (tag: UInt32, error: Int32) {
            try guest.place(path)
            var call = uhyve_v3_file_stat()
            (call.name, call.kind, call.attr) = (buffer, kind, address)
            let result = try guest.call(.fileStat3, with: call).result
            return (result.tag, result.error)
        }

        @Test func attributes() throws {
            #expect(try stat("/root/file") == (1, 0))
            let address = GuestAddress(buffer + 0x1000)
            let found = try guest.memory.load(uhyve_v3_attr.self, at: address)
            #expect(found.size == 6 && found.mode & 0o170000 == 0o100000)
            try guest.sandbox.link("inside/link", to: "file")
            #expect(try stat("/root/link", kind: 1) == (1, 0))
            let link = try guest.memory.load(uhyve_v3_attr.self, at: address)
            #expect(link.mode & 0o170000 == 0o120000)
            #expect(try stat("/root/none") == (2, ENOENT))
            #expect(try stat("/root/file", kind: 2) == (2, EINVAL))
            #expect(try stat("/root/file", to: CallGuest.end - 119) == (2, EFAULT))
            #expect(try stat("/root/file", to: .max) == (2, EFAULT))
        }

        @Test func attributesOfDescriptors() throws {
            #expect(try guest.open("/root/file") == 3)
            func stat(_ fd: Int32, _ address: UInt64) throws -> (UInt32, Int32) {
                var call = uhyve_v3_file_fstat()
                (call.fd, call.attr) = (fd, address)
                let result = try guest.call(.fileFstat3, with: call).result
                return (result.tag, result.error)
            }
            #expect(try stat(3, buffer) == (1, 0))
            let found = try guest.memory.load(uhyve_v3_attr.self, at: CallGuest.buffer)
            #expect(found.size == 6)
            #expect(try stat(1, buffer) == (2, EBADF))
            #expect(try stat(4, buffer) == (2, EBADF))
            #expect(try stat(3, 0) == (2, EFAULT))
        }

        @Test func makingDirectories() throws {
            func make(_ path: String, _ length: UInt64? = nil) throws -> (UInt32, Int32) {
                try guest.place(path)
                var call = uhyve_v3_mkdir()
                (call.path, call.len) = (buffer, length ?? UInt64(path.utf8.count + 1))
                let result = try guest.call(.mkdir3, with: call).result
                return (result.tag, result.error)
            }
            #expect(try make("/root/a") == (1, 0))
            #expect(try make("/root/a") == (2, EEXIST))
            #expect(try make("/root/b", 4096) == (1, 0))
            #expect(try make("/root/cxx", 7) == (1, 0))
            #expect(try make("/root/c", .max) == (2, EEXIST))
            #expect(try make("/root/none/x") == (2, ENOENT))
            var call = uhyve_v3_mkdir()
            (call.path, call.len) = (0, 10)
            #expect(try guest.call(.mkdir3, with: call).result.error == EFAULT)
        }

        @Test func standardInputByTheSerialPort() throws {
            func read(_ address: UInt64, _ count: UInt64) throws -> UInt64 {
                try guest.call(
                    .serialReadBuffer2,
                    with: uhyve_v2_serial_read_buffer(maxlen: count, len: 99, buf: address)
                ).len
            }
            for (address, count) in [(0, 4), (CallGuest.end, 4), (buffer, .max), (buffer, 0)]
                as [(UInt64, UInt64)]
            {
                #expect(try read(address, count) == 0)
            }
        }
    }
#endif
