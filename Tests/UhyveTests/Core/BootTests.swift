#if Uhyve
    import ABI
    import Hypervisor
    import Linux
    import TestSupport
    import Testing

    @testable import HermitImage
    @testable import Tender
    @testable import Uhyve

    /// What a guest finds when it starts.
    @Suite struct HermitBootTests {
        private func information(
            _ notes: Notes, fixedAt address: UInt64? = nil, threadLocal: Bool = false
        ) throws -> BootInformation {
            let part = Part(
                type: 7, flags: 4, address: 0x2100, memorySize: 0x40, alignment: 16,
                [UInt8](repeating: 0, count: 0x10))
            let image = try ELFBuilder.hermit(
                notes, fixedAt: address, threadLocal ? [part] : []
            ).open()
            return BootInformation(
                layout: try HermitLayout(image, memorySize: 64 * mebibyte, random: nil),
                notes: image.notes, threadLocal: image.threadLocal, hasPCI: true, cpuCount: 3,
                counterFrequency: 2_596_000, bootTime: 0x1122_3344_5566_7788)
        }

        private func decoded<Value: BitwiseCopyable>(
            _ type: Value.Type, _ bytes: [UInt8]
        ) throws -> Value {
            let memory = try GuestMemory(count: 4096)
            try memory.place(bytes, at: 0)
            return try memory.load(type, at: GuestAddress(0))
        }

        @Test func version4() throws {
            let bytes = try information(.v1, threadLocal: true).encoded
            #expect(bytes.count == 128)
            let boot = try decoded(hermit_boot_info.self, bytes)
            #expect(boot.ram_start == 0 && boot.ram_end == 64 * mebibyte)
            #expect(boot.serial_port == 0x800 && boot.device_tree == 0x1000)
            #expect(boot.image_start == 0x4_0000 && boot.image_end == 0x4_3000)
            #expect(boot.tls.start == 0x4_2100 && boot.tls.filesz == 0x10)
            #expect(boot.tls.memsz == 0x40 && boot.tls.align == 16)
            #expect(boot.platform == 1 && boot.has_pci == 1 && boot.cpu_count == 3)
            #expect(boot.cpu_frequency == 2_596_000)
            #expect(boot.boot_time.0 == 0x1122_3344_5566_7788 && boot.boot_time.1 == 0)
        }

        @Test func otherInterfaces() throws {
            for notes in [Notes.v2, .v3] {
                let boot = try decoded(hermit_boot_info.self, try information(notes).encoded)
                #expect(boot.ram_start == 4 * gigabyte && boot.serial_port == 0x1030)
                #expect(boot.device_tree == 4 * gigabyte + 0x1000)
                #expect(boot.tls.start == 0 && boot.tls.align == 0)
            }
        }

        @Test func version3HasNoDeviceTree() throws {
            let bytes = try information(Notes(entry: [3])).encoded
            let boot = try decoded(hermit_boot_info.self, bytes)
            #expect(bytes.count == 128 && boot.device_tree == 0 && boot.platform == 1)
        }

        @Test func version2() throws {
            let bytes = try information(
                Notes(entry: [2]), fixedAt: 0x80_0000
            ).encoded
            #expect(bytes.count == 120)
            let boot = try decoded(hermit_boot_info_2.self, bytes)
            #expect(boot.ram_end == 64 * mebibyte && boot.serial_port == 0x800)
            #expect(boot.image_start == 0x80_0000 && boot.image_end == 0x80_3000)
            #expect(boot.platform == 1 && boot.has_pci == 1 && boot.cpu_count == 3)
            #expect(boot.cpu_frequency == 2_596_000)
            #expect(boot.boot_time.0 == 0x1122_3344_5566_7788)
        }

        private func prepare(
            _ notes: Notes, bootArguments: Int = 0
        ) throws -> (HermitBoot, GuestMemory) {
            let image = try ELFBuilder.hermit(notes).open()
            let layout = try HermitLayout(image, memorySize: 16 * mebibyte, random: nil)
            let memory = try GuestMemory(
                start: GuestAddress(layout.memory.lowerBound), count: 16 * mebibyte)
            let boot = HermitBoot(memory: memory, layout: layout)
            let tree = DeviceTree.hermit(
                memory: layout.memory, cpuCount: 3, counterFrequency: 1, mountPoints: [],
                bootArguments: [UInt8](repeating: 0x61, count: bootArguments))
            try boot.prepare(image, try information(notes), tree)
            return (boot, memory)
        }

        @Test func everythingInItsPlace() throws {
            let (boot, memory) = try prepare(.v3)
            let start = 4 * gigabyte
            #expect(
                try bytes(memory, start, 24)
                    == littleEndian(UInt64(0)) + littleEndian(UInt64(0x00AF_9B00_0000_FFFF))
                    + littleEndian(UInt64(0x00CF_9300_0000_FFFF)))
            #expect(try bytes(memory, start + 0x1000, 4) == [0xD0, 0x0D, 0xFE, 0xED])
            #expect(try bytes(memory, start + 0x5000, 128) == information(.v3).encoded)
            #expect(try bytes(memory, start + 0x4_0000, 4) == Array("text".utf8))

            let state = boot.state(entry: 0, cpu: 2)
            #expect(state.entry == start + 0x4_0000 && state.stackPointer == start + 0x3_8000)
            #expect(state.arguments == (start + 0x5000, 2))
            #expect(state.cr0 == 0x8000_0031 && state.cr3 == start + 0x1_0000)
            #expect(state.cr4 == 0x20 && state.efer == 0xD00)
            #expect(state.gdtBase == start && state.gdtLimit == 23)
            #expect(state.idtLimit == 0xFFFF)
            #expect(state.code.selector == 8 && state.code.type == 11 && state.code.long)
            #expect(state.data.selector == 16 && state.data.type == 3 && !state.data.long)
        }

        @Test func deviceTreesThatAreTooLong() throws {
            _ = try prepare(.v1, bootArguments: 15000)
            #expect(throws: TenderError.self) { try prepare(.v1, bootArguments: 17000) }
            // Who gets none does not mind.
            _ = try prepare(Notes(entry: [3]), bootArguments: 17000)
        }
    }
#endif
