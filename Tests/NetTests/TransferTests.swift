#if Net
    import ABI
    import CLinux
    import Linux
    import Testing

    @testable import Tender

    @Suite struct TransferTests {
        let wire: Wire
        let guest: Guest

        init() throws {
            // As the tender does.
            _ = linux_ignore_signal(SIGPIPE)
            wire = try Wire()
            guest = try Guest(
                ["net:eth": wire.option],
                devices: [
                    ManifestEntry(name: "eth", type: .net),
                    ManifestEntry(name: "disk", type: .block),
                    ManifestEntry(name: "spare", type: .net),
                ])
        }

        /// The reserved entry, other types, what is not attached, beyond the end, and numbers whose
        /// low bits alone would do.
        @Test(
            "attack 05: handles of no network",
            arguments: [0, 2, 3, 4, 63, 64, 1 << 32 | 1, 1 << 63 | 1, .max] as [UInt64])
        func refusesHandle(_ handle: UInt64) throws {
            #expect(wire.send(frame(60)))
            // Not even the address is looked at.
            let nowhere = GuestAddress(.max)
            #expect(try guest.write(60, handle: handle, at: nowhere) == HVT_RESULT_INVALID)
            #expect(
                try guest.read(2048, handle: handle, at: nowhere)
                    == .init(result: HVT_RESULT_INVALID, count: 2048))
            #expect(wire.receive() == nil)
            #expect(try guest.read() == .init(result: HVT_RESULT_OK, count: 60))
        }

        /// The MTU is 1500; a header and a VLAN tag come on top.
        @Test(
            "attack 08: frames of impossible sizes",
            arguments: [0, 1, 13, 1519, 65536, 1 << 31, 1 << 32 | 60, 1 << 63, .max] as [UInt64])
        func refusesToSend(_ count: UInt64) throws {
            #expect(try guest.write(count, at: GuestAddress(.max)) == HVT_RESULT_INVALID)
            #expect(wire.receive() == nil)
        }

        @Test(arguments: [14, 60, 1514, 1518])
        func sends(_ count: Int) throws {
            try guest.fill(frame(2000))
            #expect(try guest.write(UInt64(count)) == HVT_RESULT_OK)
            #expect(wire.receive() == frame(count))
            #expect(wire.receive() == nil)
        }

        @Test(arguments: [14, 60, 1514, 1518, 2048])
        func receives(_ count: Int) throws {
            #expect(wire.send(frame(count)))
            #expect(try guest.read() == .init(result: HVT_RESULT_OK, count: UInt64(count)))
            #expect(try guest.bytes(count) == frame(count))
            #expect(try guest.bytes(1, at: GuestAddress(0x2000 + UInt64(count))) == [0])
        }

        @Test func nothingToRead() throws {
            try guest.fill([7, 7, 7, 7])
            #expect(try guest.read() == .init(result: HVT_RESULT_AGAIN, count: 2048))
            #expect(try guest.bytes(4) == [7, 7, 7, 7])
        }

        @Test func framesComeOneByOneAndInOrder() throws {
            for tag in 1...3 as ClosedRange<UInt8> { #expect(wire.send(frame(60, tag: tag))) }
            for tag in 1...3 as ClosedRange<UInt8> {
                #expect(try guest.read() == .init(result: HVT_RESULT_OK, count: 60))
                #expect(try guest.bytes(60) == frame(60, tag: tag))
            }
            #expect(try guest.read().result == HVT_RESULT_AGAIN)
        }

        @Test func aFrameThatDoesNotFitIsCutOff() throws {
            #expect(wire.send(frame(100)))
            #expect(try guest.read(20) == .init(result: HVT_RESULT_OK, count: 20))
            #expect(try guest.bytes(21) == frame(20) + [0])
            #expect(try guest.read().result == HVT_RESULT_AGAIN)
        }

        @Test func readingNothingLeavesTheFrame() throws {
            #expect(wire.send(frame(60)))
            #expect(try guest.read(0) == .init(result: HVT_RESULT_AGAIN, count: 0))
            #expect(try guest.read() == .init(result: HVT_RESULT_OK, count: 60))
        }

        /// The whole of memory, which the tender does not pass on as it is.
        @Test func aHugeBuffer() throws {
            #expect(wire.send(frame(1514)))
            let room = UInt64(1 << 20) - Guest.buffer.value
            #expect(try guest.read(room) == .init(result: HVT_RESULT_OK, count: 1514))
        }

        /// The guest's memory is 1 MiB.
        @Test(arguments: [1 << 20, (1 << 20) - 59, 1 << 32, .max, .max - 59] as [UInt64])
        func aWrongAddressIsTheGuestsEnd(_ address: UInt64) throws {
            #expect(wire.send(frame(60)))
            let data = GuestAddress(address)
            let fault = GuestFault.access(address: data, count: 60)
            #expect(throws: fault) { try guest.write(60, at: data) }
            #expect(throws: fault) { try guest.read(60, at: data) }
            #expect(throws: GuestFault.access(address: data, count: .max)) {
                try guest.read(.max, at: data)
            }
            #expect(wire.receive() == nil)
            #expect(try guest.read().result == HVT_RESULT_OK)
        }

        @Test func evenForNoBytesTheAddressCounts() throws {
            #expect(throws: GuestFault.access(address: GuestAddress(1 << 20), count: 0)) {
                try guest.read(0, at: GuestAddress(1 << 20))
            }
        }

        @Test func theBufferMayEndWhereMemoryEnds() throws {
            let data = GuestAddress((1 << 20) - 60)
            try guest.fill(frame(60), at: data)
            #expect(try guest.write(60, at: data) == HVT_RESULT_OK)
            #expect(wire.receive() == frame(60))
            #expect(wire.send(frame(60)))
            #expect(try guest.read(60, at: data) == .init(result: HVT_RESULT_OK, count: 60))
        }

        @Test func readOnlyMemoryIsForSending() throws {
            guest.memory.restrict(0x2000, 0x3000, isReadable: true, isWritable: false)
            #expect(wire.send(frame(60)))
            #expect(throws: GuestFault.access(address: Guest.buffer, count: 60)) {
                try guest.read(60)
            }
            try guest.fill(frame(60))
            #expect(try guest.write(60) == HVT_RESULT_OK)
        }

        @Test func theArgumentMustBeWritable() throws {
            guest.memory.restrict(0x1000, 0x2000, isReadable: true, isWritable: false)
            #expect(wire.send(frame(60)))
            for number in [HVT_HYPERCALL_NET_READ, HVT_HYPERCALL_NET_WRITE] {
                #expect(throws: GuestFault.access(address: Guest.argument, count: 32)) {
                    try guest.launch.dispatch.serve(
                        Int(number), argument: Guest.argument, memory: guest.memory)
                }
            }
            #expect(wire.receive() == nil)
        }

        @Test func usesEachDeviceOfSeveral() throws {
            let wires = [try Wire(), try Wire()]
            let guest = try Guest(
                ["net:b": wires[1].option, "net:a": wires[0].option],
                devices: [
                    ManifestEntry(name: "a", type: .net), ManifestEntry(name: "b", type: .net),
                ])
            #expect(guest.launch.pollSet.members.map(\.handle) == [1, 2])
            #expect(guest.launch.pollSet.members.map(\.descriptor) == wires.map(\.guestEnd))
            for (handle, wire) in zip(1..., wires) {
                try guest.fill(frame(60, tag: UInt8(handle)))
                #expect(try guest.write(60, handle: UInt64(handle)) == HVT_RESULT_OK)
                #expect(wire.receive() == frame(60, tag: UInt8(handle)))
                #expect(wire.send(frame(61)))
                #expect(
                    try guest.read(handle: UInt64(handle))
                        == .init(result: HVT_RESULT_OK, count: 61))
            }
        }

        @Test("attack 09: frames that nobody takes") func whatCannotBeSentIsDropped() throws {
            try guest.fill(frame(1514))
            // Nobody takes the frames out: the socket fills up, and the guest does not notice.
            for _ in 0..<2000 { #expect(try guest.write(1514) == HVT_RESULT_OK) }
            var received = 0
            while wire.receive() != nil { received += 1 }
            #expect(received > 0)
            #expect(received < 2000)
            #expect(try guest.write(1514) == HVT_RESULT_OK)
            #expect(wire.receive() == frame(1514))
        }

        @Test func theOtherEndHasGone() throws {
            wire.closeHostEnd()
            #expect(try guest.write(60) == HVT_RESULT_UNSPECIFIED)
            #expect(try guest.read() == .init(result: HVT_RESULT_AGAIN, count: 2048))
        }

        /// A datagram may have no bytes, which is not a frame.
        @Test func anEmptyFrame() throws {
            let wire = try Wire(SOCK_DGRAM)
            let guest = try Guest(["net:eth": wire.option])
            #expect(wire.send([]))
            #expect(wire.send(frame(60)))
            #expect(try guest.read() == .init(result: HVT_RESULT_AGAIN, count: 2048))
            #expect(try guest.read() == .init(result: HVT_RESULT_OK, count: 60))
        }
    }
#endif
