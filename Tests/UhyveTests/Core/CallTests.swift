#if Uhyve
    import ABI
    import CLinux
    import Linux
    import TestSupport
    import Testing

    @testable import Tender
    @testable import Uhyve

    /// Ports, and what all calls have in common.
    @Suite struct CallTests {
        @Test func ports() {
            let table = PortTable()
            var found = 0
            for port in UInt16.min...UInt16.max {
                guard let call = table[port] else { continue }
                #expect(call.port == Int32(port))
                found += 1
            }
            #expect(found == Call.allCases.count)
            #expect(table[0x400] == .fileWrite1 && table[0x1010] == .exit2)
            #expect(table[0x401] == nil && table[0x1211] == nil && table[0xFFF0] == nil)
        }

        @Test func argumentsInRegisters() {
            for call in Call.allCases {
                #expect(call.isArgumentInRegister == (call.port >= 0x1000))
            }
        }

        /// There is nowhere to put a result, so that the guest ends with a line.
        @Test("attack 03: Hermit: parameters outside memory", arguments: Call.allCases)
        func parametersOutsideMemory(_ call: Call) throws {
            let guest = try CallGuest()
            let size = UInt64(call.specification.argumentSize)
            guard size > 0 else { return }
            for address in [
                0, CallGuest.start - 1, CallGuest.end - size + 1, CallGuest.end, .max,
                .max - size + 1,
            ] {
                let failure = guest.failure(call, address)
                #expect(
                    failure
                        == "guest fault: \(call.specification.name) (port "
                        + "\(hexadecimal(UInt64(call.port)))): its parameters at "
                        + "\(hexadecimal(address)) are not in guest memory")
            }
            #expect(try guest.output() == "")
        }

        /// Zeros are no reason to end anything, but for ends.
        @Test(arguments: Call.allCases) func parametersOfZeros(_ call: Call) throws {
            let guest = try CallGuest()
            let isPointless = [.cmdval1].contains(call)
            if isPointless { return }
            let code = try guest.call(call, CallGuest.end - UInt64(call.specification.argumentSize))
            let isEnd = call == .exit1 || call == .exit2
            #expect((code != nil) == isEnd)
        }

        @Test(
            arguments: [.netWrite1, .netRead1, .netStat1, .serialReadByte2, .sharedMemOpen3]
                as [Call])
        func callsThatDoNothing(_ call: Call) throws {
            let guest = try CallGuest()
            for argument: UInt64 in [0, CallGuest.start, .max] {
                #expect(try guest.call(call, argument) == nil)
            }
        }

        // MARK: Ends

        @Test(arguments: [0, 1, 42, 255, 256, -1, .max, .min] as [Int32]) func ends(_ code: Int32)
            throws
        {
            let guest = try CallGuest()
            try guest.memory.store(uhyve_v1_exit(code: code), at: CallGuest.block)
            #expect(try guest.call(.exit1, CallGuest.block.value) == code)
            let register = UInt64(UInt32(bitPattern: code)) | 0xABCD << 32
            #expect(try guest.call(.exit2, register) == code)
        }

        // MARK: Console

        @Test func bytes() throws {
            let guest = try CallGuest()
            for byte in "ab\n".utf8 { try guest.call(.uart1, UInt64(byte) | 0x1200) }
            for byte in "cd\0".utf8 { try guest.call(.serialWriteByte2, UInt64(byte) | 1 << 63) }
            #expect(try guest.output() == "ab\ncd\0")
        }

        @Test func buffers() throws {
            let guest = try CallGuest()
            let address = try guest.place("some text")
            _ = try guest.call(
                .serialWriteBuffer1, with: uhyve_v1_serial_write_buffer(buf: address, len: 4))
            _ = try guest.call(
                .serialWriteBuffer2, with: uhyve_v2_serial_write_buffer(len: 9, buf: address))
            _ = try guest.call(
                .serialWriteBuffer2, with: uhyve_v2_serial_write_buffer(len: 0, buf: 0))
            #expect(try guest.output() == "somesome text")
            #expect(guest.warnings.lines.isEmpty)
        }

        @Test func buffersOutsideMemoryAreToldOfOnce() throws {
            let guest = try CallGuest()
            for (address, count) in [(0, 1), (CallGuest.end, 5), (CallGuest.start, .max)]
                as [(UInt64, UInt64)]
            {
                _ = try guest.call(
                    .serialWriteBuffer1,
                    with: uhyve_v1_serial_write_buffer(buf: address, len: count))
                _ = try guest.call(
                    .serialWriteBuffer2,
                    with: uhyve_v2_serial_write_buffer(len: count, buf: address))
            }
            #expect(try guest.output() == "")
            #expect(guest.warnings.lines.count == 1)
            // What is there of a buffer is written.
            try guest.memory.store(UInt8(ascii: "!"), at: GuestAddress(CallGuest.end - 1))
            _ = try guest.call(
                .serialWriteBuffer2,
                with: uhyve_v2_serial_write_buffer(len: 1000, buf: CallGuest.end - 1))
            #expect(try guest.output() == "!")
        }

        // MARK: Paths

        private func path(_ guest: CallGuest, _ address: UInt64, _ limit: UInt64 = 4096)
            -> Result<[UInt8], Errno>
        {
            do throws(Errno) {
                return .success(try guest.calls.path(at: address, limit: limit))
            } catch {
                return .failure(error)
            }
        }

        @Test func paths() throws {
            let guest = try CallGuest()
            let address = try guest.place("name")
            #expect(path(guest, address) == .success(Array("name".utf8)))
            #expect(path(guest, address, 2) == .success(Array("na".utf8)))
            #expect(path(guest, address, 0) == .success([]))
            #expect(path(guest, address, .max) == .success(Array("name".utf8)))
            for nowhere: UInt64 in [0, CallGuest.start - 1, CallGuest.end, .max] {
                #expect(path(guest, nowhere) == .failure(Errno(EFAULT)))
            }
        }

        @Test func pathsWithoutEnd() throws {
            let guest = try CallGuest()
            let long = [UInt8](repeating: 0x61, count: 5000)
            try guest.memory.store(long, at: CallGuest.buffer)
            #expect(path(guest, CallGuest.buffer.value) == .failure(Errno(ENAMETOOLONG)))
            #expect(path(guest, CallGuest.buffer.value, 5000) == .failure(Errno(ENAMETOOLONG)))
            try guest.memory.store(long, at: GuestAddress(CallGuest.end - 5000))
            #expect(path(guest, CallGuest.end - 10) == .failure(Errno(EFAULT)))
            #expect(path(guest, CallGuest.end - 4096) == .failure(Errno(ENAMETOOLONG)))
        }
    }
#endif
