#if Block
    import Tender
    import Testing

    @Suite struct OptionTests {
        let scratch: Scratch
        let path: String

        init() throws {
            scratch = try Scratch()
            path = try scratch.file(size: 65536)
        }

        @Test(arguments: [
            "", "0", "1", "511", "513", "768", "65536", "66048", "18446744073709552128", "-512",
            "+512", " 512", "512 ", "512x", "0x200", "five",
        ])
        func refusesSectorSize(_ value: String) {
            let error = refusal(["block-ro:disk": path, "block-sector-size:disk": value])
            #expect(
                error?.text == "Block size must be a multiple of 2 greater than or equal 512")
            #expect(error?.option?.value == value)
        }

        @Test(arguments: [512, 1024, 2048, 4096, 8192, 16384, 32768])
        func takesSectorSize(_ size: Int) throws {
            let before = try sectorSize([
                "block-sector-size:disk": "\(size)", "block-ro:disk": path,
            ])
            #expect(before == size)
            let after = try sectorSize(["block-ro:disk": path, "block-sector-size:disk": "\(size)"])
            #expect(after == size)
        }

        /// What a guest is told.
        private func sectorSize(
            _ options: KeyValuePairs<String, String>,
            devices: [ManifestEntry] = [ManifestEntry(name: "disk", type: .block)]
        ) throws -> UInt16 {
            try Guest(options, devices: devices).launch.devices[1].blockSize
        }

        @Test func sectorsAre512BytesUnlessSaidOtherwise() throws {
            #expect(try sectorSize(["block-ro:disk": path]) == 512)
        }

        @Test func theManifestCanPresetTheSectorSize() throws {
            var disk = ManifestEntry(name: "disk", type: .block)
            disk.blockSize = 4096
            #expect(try sectorSize(["block-ro:disk": path], devices: [disk]) == 4096)
            let overridden = try sectorSize(
                ["block-ro:disk": path, "block-sector-size:disk": "1024"], devices: [disk])
            #expect(overridden == 1024)
        }

        @Test(arguments: [1, 256, 513, 1536, 65535] as [UInt16])
        func refusesPresetSectorSize(_ size: UInt16) {
            var disk = ManifestEntry(name: "disk", type: .block)
            disk.blockSize = size
            let error = refusal(["block:disk": path], devices: [disk])
            #expect(
                error?.text
                    == "disk: Block size must be a multiple of 2 greater than or equal 512")
            #expect(error?.hint?.contains("\(size)") == true)
        }

        @Test(arguments: ["block", "block-ro", "block-sector-size"])
        func refusesDevicesThatTheGuestLacks(_ option: String) {
            let value = option == "block-sector-size" ? "512" : path
            let devices = [ManifestEntry(name: "other", type: .net)]
            for name in ["disk", "other"] {
                let error = refusal(["\(option):\(name)": value], devices: devices)
                #expect(error?.text == "Resource not declared in manifest: '\(name)'")
            }
        }

        @Test func nothingAttachedMeansNoHypercalls() throws {
            let guest = try Guest(["block-sector-size:disk": "4096"])
            #expect(!guest.launch.devices[1].isAttached)
            #expect(throws: GuestFault.hypercall(number: 4)) { try guest.write() }
            #expect(throws: GuestFault.hypercall(number: 5)) { try guest.read() }
        }

        @Test(arguments: [("512", 1), ("512", 511), ("512", 513), ("4096", 512), ("4096", 6144)])
        func refusesUnalignedSize(_ sectorSize: String, _ size: Int) throws {
            let path = try scratch.file(size: size)
            let error = refusal(["block-ro:disk": path, "block-sector-size:disk": sectorSize])
            #expect(
                error?.text
                    == "disk: Backing storage size must be block aligned (\(sectorSize) bytes)")
        }

        @Test func refusesAnEmptyFile() throws {
            let path = try scratch.file(size: 0)
            let error = refusal(["block:disk": path])
            #expect(
                error?.text
                    == "disk: Backing storage size must be at least 1 block (512 bytes) in size")
        }

        @Test func tellsTheGuestItsDisks() throws {
            let small = try scratch.file("a disk, with spaces\tand more", size: 512)
            let guest = try Guest(
                ["block-ro:b": small, "block:a": path],
                devices: [
                    ManifestEntry(name: "a", type: .block),
                    ManifestEntry(name: "b", type: .block),
                    ManifestEntry(name: "c", type: .block),
                ])
            #expect(guest.launch.devices[1].capacity == 65536)
            #expect(guest.launch.devices[1].isAttached)
            #expect(guest.launch.devices[2].capacity == 512)
            #expect(guest.launch.devices[2].isAttached)
            #expect(!guest.launch.devices[3].isAttached)
        }

        @Test func theLastOfSeveralFilesWins() throws {
            let last = try scratch.file("last", size: 1024)
            let guest = try Guest(["block:disk": path, "block-ro:disk": last])
            #expect(guest.launch.devices[1].capacity == 1024)
            #expect(try guest.write() == 2)
            // The earlier file is closed, and thereby free for others.
            #expect(soon { refusal(["block:disk": path]) == nil })
        }

        @Test func theSameFileTwiceForOneDiskIsFine() {
            #expect(soon { refusal(["block:disk": path, "block:disk": path]) == nil })
        }
    }
#endif
