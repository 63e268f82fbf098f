#if Block
    import ABI
    import Tender
    import Testing

    @testable import Tender

    @Suite struct TransferTests {
        static let ok = HVT_RESULT_OK
        static let invalid = HVT_RESULT_INVALID

        let scratch: Scratch
        let path: String
        let original: [UInt8]
        let guest: Guest

        init() throws {
            scratch = try Scratch()
            path = try scratch.file(size: 4096)
            original = try contents(of: path)
            guest = try Guest(
                ["block:disk": path],
                devices: [
                    ManifestEntry(name: "disk", type: .block),
                    ManifestEntry(name: "eth", type: .net),
                    ManifestEntry(name: "spare", type: .block),
                ])
        }

        /// The reserved entry, other types, what is not attached, beyond the end, and numbers whose
        /// low bits alone would do.
        @Test(
            "attack 05: handles of no disk",
            arguments: [
                0, 2, 3, 4, 63, 64, 1 << 32 | 1, 1 << 63 | 1, UInt64.max, UInt64.max - 1,
            ] as [UInt64])
        func refusesHandle(_ handle: UInt64) throws {
            // Not even the address is looked at.
            let request = Guest.Request(handle: handle, data: GuestAddress(.max))
            #expect(try guest.read(request) == Self.invalid)
            #expect(try guest.write(request) == Self.invalid)
            #expect(try contents(of: path) == original)
        }

        @Test(
            "attack 06: ranges outside the disk",
            arguments: [
                (4096, 0), (4096, 1), (4095, 2), (0, 4097), (1, 4096), (5000, 0),
                (0, 1 << 63), (0, .max), (.max, 0), (.max, 1), (.max, .max), (1, .max),
                (1 << 63, 512), (1 << 63, 1 << 63), (UInt64.max - 511, 512),
            ] as [(UInt64, UInt64)])
        func refusesWhatIsNotOnTheDisk(_ offset: UInt64, _ count: UInt64) throws {
            let request = Guest.Request(offset: offset, data: GuestAddress(.max), count: count)
            #expect(try guest.read(request) == Self.invalid)
            #expect(try guest.write(request) == Self.invalid)
            #expect(try contents(of: path) == original)
        }

        /// No alignment is asked for: that is between the guest and its sector size.
        @Test(
            arguments: [
                (0, 512), (512, 512), (3584, 512), (0, 4096), (0, 1), (4095, 1), (7, 13), (0, 0),
                (4095, 0),
            ] as [(UInt64, UInt64)])
        func movesExactlyTheBytes(_ offset: UInt64, _ count: UInt64) throws {
            let request = Guest.Request(offset: offset, count: count)
            let place = Int(offset)..<Int(offset + count)
            var inMemory = [UInt8](repeating: 0, count: 5000)
            inMemory.replaceSubrange(..<place.count, with: original[place])
            #expect(try guest.read(request) == Self.ok)
            #expect(try guest.bytes(5000) == inMemory)

            let data = [UInt8](repeating: 0xEE, count: 5000)
            var onDisk = original
            onDisk.replaceSubrange(place, with: data.prefix(place.count))
            try guest.fill(data)
            #expect(try guest.write(request) == Self.ok)
            #expect(try contents(of: path) == onDisk)
        }

        @Test func usesEachDiskOfSeveral() throws {
            let paths = try ["a", "b"].map { try scratch.file($0, size: 1024) }
            let guest = try Guest(
                ["block:b": paths[1], "block:a": paths[0]],
                devices: [
                    ManifestEntry(name: "a", type: .block), ManifestEntry(name: "b", type: .block),
                ])
            for handle in [1, 2] as [UInt64] {
                try guest.fill([UInt8](repeating: UInt8(handle), count: 512))
                #expect(try guest.write(.init(handle: handle, offset: 512)) == Self.ok)
            }
            #expect(try contents(of: paths[0]).suffix(512).allSatisfy { $0 == 1 })
            #expect(try contents(of: paths[1]).suffix(512).allSatisfy { $0 == 2 })
        }

        @Test("attack 07: writes to a read-only disk") func aReadOnlyDiskIsReadOnly() throws {
            let path = try scratch.file("readonly", size: 1024)
            let before = try contents(of: path)
            let guest = try Guest(["block-ro:disk": path])
            #expect(try guest.read(.init(offset: 512)) == Self.ok)
            #expect(try guest.bytes(512) == Array(before.suffix(512)))
            for count in [0, 1, 512] as [UInt64] {
                #expect(
                    try guest.write(.init(data: GuestAddress(.max), count: count)) == Self.invalid)
            }
            #expect(try contents(of: path) == before)
        }

        /// The guest's memory is 1 MiB.
        @Test(
            arguments: [
                (1 << 20, 0), (1 << 20, 1), ((1 << 20) - 511, 512), (.max, 0), (.max, 1),
                (.max - 511, 512), (1 << 32, 512),
            ] as [(UInt64, UInt64)])
        func aWrongAddressIsTheGuestsEnd(_ address: UInt64, _ count: UInt64) throws {
            let request = Guest.Request(data: GuestAddress(address), count: count)
            let fault = GuestFault.access(address: GuestAddress(address), count: count)
            #expect(throws: fault) { try guest.read(request) }
            #expect(throws: fault) { try guest.write(request) }
            #expect(try contents(of: path) == original)
        }

        @Test func theBufferMayEndWhereMemoryEnds() throws {
            let request = Guest.Request(data: GuestAddress((1 << 20) - 512))
            #expect(try guest.read(request) == Self.ok)
            #expect(try guest.write(request) == Self.ok)
        }

        @Test func readsDoNotGoToReadOnlyMemory() throws {
            guest.memory.restrict(0x4000, 0x5000, isReadable: true, isWritable: false)
            let request = Guest.Request(data: GuestAddress(0x4F00), count: 512)
            let fault = GuestFault.access(address: GuestAddress(0x4F00), count: 512)
            #expect(throws: fault) { try guest.read(request) }
            #expect(try guest.write(request) == Self.ok)
        }

        @Test(arguments: [(1 << 20) - 39, 1 << 20, .max] as [UInt64])
        func theArgumentMustLieInMemory(_ address: UInt64) {
            for number in [HVT_HYPERCALL_BLOCK_READ, HVT_HYPERCALL_BLOCK_WRITE] {
                #expect(throws: GuestFault.access(address: GuestAddress(address), count: 40)) {
                    try guest.launch.dispatch.serve(
                        Int(number), argument: GuestAddress(address), memory: guest.memory)
                }
            }
        }

        @Test func theArgumentMustBeWritable() throws {
            guest.memory.restrict(0x1000, 0x2000, isReadable: true, isWritable: false)
            #expect(throws: GuestFault.access(address: Guest.argument, count: 40)) {
                try guest.launch.dispatch.serve(
                    Int(HVT_HYPERCALL_BLOCK_WRITE), argument: Guest.argument, memory: guest.memory)
            }
            #expect(try contents(of: path) == original)
        }

        /// What is read may overwrite the very request; the copy counts.
        @Test("attack 04: a buffer over its request") func theBufferMayCoverTheArgument() throws {
            try guest.memory.store(
                hvt_block_io(
                    handle: 1, offset: 0, data: 0x1000, len: 512, result: -1, reserved: 0),
                at: Guest.argument)
            let outcome = try guest.launch.dispatch.serve(
                Int(HVT_HYPERCALL_BLOCK_READ), argument: Guest.argument, memory: guest.memory)
            #expect(outcome == .resume)
            var expected = Array(original[..<512])
            expected.replaceSubrange(36..<40, with: [0, 0, 0, 0])
            #expect(try guest.bytes(512, at: GuestAddress(0x1000)) == expected)
        }
    }
#endif
